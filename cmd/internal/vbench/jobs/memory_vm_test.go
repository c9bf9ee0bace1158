//go:build vm && long

package jobs

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// memoryLine is what the agent's log says each time that less memory is left.
var memoryLine = regexp.MustCompile(`msg=memory left_mib=(\d+) peak_mib=(\d+)`)

// TestSmallMemory erases eight drives at once in a machine of 512 MiB, which holds
// the kernel and the unpacked initramfs, too: it ends well, and with room to spare.
func TestSmallMemory(t *testing.T) {
	const room = 64 // MiB that must always be left
	b := newBench(t, 8*time.Minute, settings{kernel: "lockdown=integrity"})
	var drives []vbench.Drive
	for n, bus := range []vbench.Bus{vbench.SATA, vbench.SATA, vbench.SATA, vbench.NVMe, vbench.NVMe, vbench.SCSI, vbench.SCSI, vbench.USB} {
		drives = append(drives, b.drive(bus, fmt.Sprintf("MEMORY%d", n), 48<<20))
	}
	m := b.direct(vbench.Config{Name: "small", MemoryMiB: 512, Drives: drives})
	v := b.registered(1)
	b.approve(v)
	b.state(1, imager.JobDone)
	m.PowerCut()
	for _, d := range drives {
		b.wiped(d)
	}
	if left := b.memory(v, m); left < room {
		t.Errorf("%d MiB of memory were left, not %d", left, room)
	}
}

// TestLeastMemory: a machine of 256 MiB erases a drive; one of less says on its
// screen that its memory does not do, and touches nothing.
func TestLeastMemory(t *testing.T) {
	b := newBench(t, 5*time.Minute, settings{})
	spared := b.drive(vbench.SATA, "SPARED", 16<<20)
	less := b.direct(vbench.Config{Name: "less", MemoryMiB: 192, Drives: []vbench.Drive{spared}})
	if err := less.AwaitConsole(b.ctx, "Too little memory"); err != nil {
		t.Error(err)
	}
	less.PowerCut()
	b.untouched(spared)

	drive := b.drive(vbench.SATA, "LEAST", 48<<20)
	m := b.direct(vbench.Config{Name: "least", MemoryMiB: 256, Drives: []vbench.Drive{drive}})
	v := b.registered(1)
	b.approve(v)
	b.state(1, imager.JobDone)
	m.PowerCut()
	b.wiped(drive)
	b.memory(v, m)
}

// memory is how many MiB were left at the least, by the machine's console.
func (b *bench) memory(v imager.View, m *vbench.Machine) int {
	b.t.Helper()
	text, err := os.ReadFile(m.Console())
	if err != nil {
		b.t.Fatal(err)
	}
	lines := memoryLine.FindAllSubmatch(text, -1)
	if len(lines) == 0 {
		b.t.Fatal("the agent's log does not tell its memory")
	}
	last := lines[len(lines)-1]
	left, err := strconv.Atoi(string(last[1]))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("the kernel has %d MiB; %d MiB were left at the least, the agent had %s MiB by then",
		v.Machine.Inventory.MemoryBytes>>20, left, last[2])
	return left
}

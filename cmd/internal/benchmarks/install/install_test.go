//go:build bench

// Package install measures the installation against a link's speed and against
// what a person would type.
package install

import (
	"fmt"
	"net/http"
	"os/exec"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/install"
	"regain.example/cmd/internal/benchmarks/measure"
)

// The raw disk is 480 MiB of data and 588 MiB of zeros: the shares of the Debian
// master image. The others are of data alone; that for the link has about as
// many compressed bytes as the master image.
const (
	runs  = 3
	data  = 160 // MiB a run
	zeros = 196
)

// BenchmarkInstall prints how fast the image is brought onto a drive (fetched,
// decompressed, held against the manifest and written; the check that follows is
// not in it, since no peer makes one).
func BenchmarkInstall(b *testing.B) {
	measure.Root(b)
	var table measure.Table
	like, full := newMaster(b, "master", runs, data, zeros), newMaster(b, "full", runs, data, 0)
	b.Run("unpaced", func(b *testing.B) { unpaced(b, &table, "zeros as in the master image", like) })
	b.Run("unpaced-no-zeros", func(b *testing.B) { unpaced(b, &table, "no zeros", full) })
	long := newMaster(b, "long", 2*runs, data, 0)
	b.Run("1Gbit-1", func(b *testing.B) { paced(b, &table, long, 1) })
	b.Run("1Gbit-4", func(b *testing.B) { paced(b, &table, long, 4) })
	table.Print("Installation: the image fetched, decompressed, checked against the manifest and written")
}

// unpaced compares, in turns, with the pipe on the same drive.
func unpaced(b *testing.B, table *measure.Table, what string, m *master) {
	l := newLink(b)
	base := l.serve(b, m)
	d := measure.NewDrive(b, int64(m.Manifest.RawBytes))
	var ours, theirs measure.Rate
	for b.Loop() {
		for range 3 {
			ours = ours.Best(machine(b, l, m, base, d).Rate)
			theirs = theirs.Best(pipe(b, l, m, base, d))
			m.same(b, d)
		}
	}
	table.Add(b, measure.Row{What: "unpaced, " + what, Ours: ours, Peer: "curl | zstd -d | dd oflag=direct", Theirs: theirs, Aim: 1.5})
}

// paced installs n machines at once over 1 Gbit/s. Its figures are of the bytes
// on the cable, and the peer is one curl that throws them away.
func paced(b *testing.B, table *measure.Table, m *master, n int) {
	l := newLink(b)
	base := l.serve(b, m)
	l.pace(b, 1000)
	drives := make([]*measure.Drive, n)
	for i := range drives {
		drives[i] = measure.NewDrive(b, int64(m.Manifest.RawBytes))
	}
	peer := wire(b, l, m, base)
	did := make([]installed, n)
	var wait sync.WaitGroup
	before := measure.CPU()
	for i, d := range drives {
		wait.Go(func() { did[i] = machine(b, l, m, base, d) })
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
	ours := measure.Rate{CPU: measure.CPU() - before}
	for _, one := range did {
		ours.Bytes += one.fetched
		ours.Took = max(ours.Took, one.Took)
	}
	table.Add(b, measure.Row{What: fmt.Sprintf("machines at 1 Gbit/s: %d", n), Ours: ours,
		Peer: "curl to /dev/null", Theirs: peer, Limit: 125, Aim: 0.95})
}

// installed is one machine's installation, up to the end of writing.
type installed struct {
	measure.Rate
	fetched int64
}

// machine installs one machine as the agent does.
func machine(b *testing.B, l *link, m *master, base string, d *measure.Drive) installed {
	clock := &meter{}
	client := install.NewClient()
	client.Transport.(*http.Transport).DialContext = l.machines.Dial
	defer client.CloseIdleConnections()
	ev := install.Run(b.Context(), install.Job{Order: m.order(d, base), Drive: d.Drive,
		Firmware: api.Firmware{Kind: api.FirmwareUEFI}, Open: d.Open, Client: client, Reporter: clock})
	if ev.Error != "" || ev.FramesVerified != len(m.Manifest.Frames) {
		b.Errorf("installation: %+v", ev)
	}
	return installed{measure.Rate{Bytes: int64(m.Manifest.RawBytes), Took: clock.took, CPU: clock.cpu}, int64(ev.BytesFetched)}
}

// meter is a step.Reporter that takes the time of the write phase.
type meter struct{ before, took, cpu time.Duration }

func (m *meter) Began(p api.Phase, _ api.DriveID) {
	if p == api.PhaseInstall {
		m.before = measure.CPU()
	}
}

func (m *meter) Ended(p api.Phase, _ api.DriveID, _ uint64, took time.Duration) {
	if p == api.PhaseInstall {
		m.took, m.cpu = took, measure.CPU()-m.before
	}
}

func (m *meter) Progress(api.DriveProgress) {}

// pipe brings the image onto the drive as a person would.
func pipe(b *testing.B, l *link, m *master, base string, d *measure.Drive) measure.Rate {
	b.Helper()
	r := shell(b, l, fmt.Sprintf("curl -sSf %s%s.img.zst | zstd -dcq | dd of=%s bs=4M iflag=fullblock oflag=direct conv=fsync,notrunc status=none",
		base, m.Manifest.Name, d.Loop.Path()))
	r.Bytes = int64(m.Manifest.RawBytes)
	return r
}

// wire is how fast the cable is.
func wire(b *testing.B, l *link, m *master, base string) measure.Rate {
	b.Helper()
	r := shell(b, l, fmt.Sprintf("curl -sSf %s%s.img.zst >/dev/null", base, m.Manifest.Name))
	r.Bytes = int64(m.Manifest.CompressedBytes)
	return r
}

func shell(b *testing.B, l *link, script string) measure.Rate {
	b.Helper()
	cmd := exec.Command("bash", "-c", "set -o pipefail; "+script)
	began := time.Now()
	run(b, l.machines, cmd)
	took := time.Since(began)
	return measure.Rate{Took: took, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

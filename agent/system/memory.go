package system

import (
	"bufio"
	"bytes"
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Memory returns the machine's memory in bytes, as far as the kernel may use it.
// If the kernel does not tell, it is taken to be the least that is supported.
func Memory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 512 << 20
	}
	return info.Totalram * uint64(info.Unit)
}

// LeastMemory is what Memory must tell for the agent to begin: a machine of 256 MiB
// has it. With less the kernel may end the agent in the middle of an erasure. See
// docs/hardware.md for the measurements.
const LeastMemory = 180 << 20

// memoryStep is by how much the memory that is left must fall to be worth a line
// in the log.
const memoryStep = 8 << 20

// WatchMemory writes to the log how little memory was left so far, and the most
// that this process has had, each time that less is left than ever, until ctx ends.
func WatchMemory(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	least := uint64(1 << 62)
	for {
		left := field("/proc/meminfo", "MemAvailable")
		if left > 0 && left+memoryStep <= least {
			least = left
			log.Info("memory", "left_mib", left>>20, "peak_mib", field("/proc/self/status", "VmHWM")>>20)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// field reads a figure of a file such as /proc/meminfo, in bytes; 0 if it is not
// there.
func field(path, name string) uint64 {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	return kilobytes(b, name)
}

// kilobytes finds a line "NAME: 123 kB" (proc(5)).
func kilobytes(text []byte, name string) uint64 {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if words := strings.Fields(value); key == name && len(words) == 2 && words[1] == "kB" {
			n, err := strconv.ParseUint(words[0], 10, 50)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

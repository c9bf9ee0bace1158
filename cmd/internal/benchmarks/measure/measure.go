// Package measure is what the benchmarks share: drives without hardware,
// processor time, and the table of results.
package measure

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Rate is how fast something went and what it cost.
type Rate struct {
	Bytes int64
	Took  time.Duration
	CPU   time.Duration // of the processes measured; the kernel's threads are not in it
}

// MBps is the speed in 10^6 bytes per second.
func (r Rate) MBps() float64 { return float64(r.Bytes) / 1e6 / r.Took.Seconds() }

// PerGiB is the processor time in seconds per 2^30 bytes.
func (r Rate) PerGiB() float64 { return r.CPU.Seconds() * (1 << 30) / float64(r.Bytes) }

// Best returns the faster of two; the zero Rate is none.
func (r Rate) Best(other Rate) Rate {
	if r.Took == 0 || other.Took > 0 && other.MBps() > r.MBps() {
		return other
	}
	return r
}

// CPU is the processor time that this process has used.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only for bad arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Load is the load of the machine, which says how far figures can be trusted.
func Load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// Command runs a program to its end.
func Command(tb testing.TB, name string, args ...string) (Rate, []byte) {
	tb.Helper()
	cmd := exec.Command(name, args...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		tb.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return Rate{Took: took, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, out
}

// Root ends a benchmark that cannot be run.
func Root(tb testing.TB) {
	tb.Helper()
	if os.Getuid() != 0 {
		tb.Fatal("loop devices, control groups and network namespaces need root: run it with sudo")
	}
}

// share formats a fraction.
func share(f float64) string { return fmt.Sprintf("%.2f", f) }

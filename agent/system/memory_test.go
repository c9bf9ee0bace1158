package system

import "testing"

// From a /proc/meminfo and a /proc/self/status of Linux 6.1, shortened.
const meminfo = "MemTotal:         473884 kB\nMemFree:          324048 kB\nMemAvailable:     331176 kB\nHugePages_Total:       0\n"

func TestKilobytes(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       uint64
	}{
		{meminfo, "MemAvailable", 331176 << 10},
		{meminfo, "MemFree", 324048 << 10},
		{"VmPeak:\t 1238352 kB\nVmHWM:\t   31736 kB\n", "VmHWM", 31736 << 10},
		{meminfo, "HugePages_Total", 0}, // no size
		{meminfo, "Mem", 0},
		{"MemAvailable: -1 kB", "MemAvailable", 0},
		{"MemAvailable: 99999999999999999999 kB", "MemAvailable", 0},
		{"", "MemAvailable", 0},
	} {
		if got := kilobytes([]byte(c.text), c.name); got != c.want {
			t.Errorf("%s of %q: %d, want %d", c.name, c.text, got, c.want)
		}
	}
}

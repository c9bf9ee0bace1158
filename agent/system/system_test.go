package system

import (
	"os"
	"strings"
	"testing"
)

func TestRelease(t *testing.T) {
	got, err := Release()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.TrimSpace(string(want)) {
		t.Errorf("release %q, want %q", got, want)
	}
}

func TestMemory(t *testing.T) {
	if m := Memory(); m < 64<<20 || m > 1<<50 {
		t.Errorf("memory of %d bytes", m)
	}
}

package agent_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The budgets. A bench fetches kernel and initramfs over its network, forty at
// a time, and unpacks them in 512 MiB.
const (
	binaryBudget = 14 << 20 // of the stripped agent
	bootBudget   = 22e6     // of kernel and initramfs together
)

func TestAgentSize(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "regain-agent")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, module+"cmd/regain-agent")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the agent has %.1f MB", float64(info.Size())/1e6)
	if info.Size() > binaryBudget {
		t.Errorf("the agent has %d bytes, its budget is %d: see docs/dependencies.md for what takes the room", info.Size(), binaryBudget)
	}
}

// TestBootSize looks at what make has built, if it has.
func TestBootSize(t *testing.T) {
	total := int64(0)
	for _, name := range []string{"vmlinuz", "initramfs"} {
		info, err := os.Stat(filepath.Join("..", "build", "boot", name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("%v: run make build/boot, then this test again", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	t.Logf("kernel and initramfs have %.1f MB", float64(total)/1e6)
	if total > bootBudget {
		t.Errorf("kernel and initramfs have %d bytes, their budget is %.0f", total, bootBudget)
	}
}

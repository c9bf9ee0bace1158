package agent_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binaryBudget is that of the stripped agent, in bytes. The budget of kernel and
// initramfs together is cmd/internal/mkinitramfs's, which makes nothing larger.
const binaryBudget = 14 << 20

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

package drivetest

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata
var captured embed.FS

// QEMU is a captured sysfs with drives of every kind that QEMU has; see
// testdata.
const QEMU = "testdata/qemu-7.2.txt"

// Sysfs builds a captured sysfs in a temporary directory, adds lines of the same
// form, and returns its path.
func Sysfs(t testing.TB, capture string, more ...string) string {
	t.Helper()
	text, err := captured.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, line := range append(strings.Split(string(text), "\n"), more...) {
		if err := place(root, line); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func place(root, line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	parts := strings.SplitN(line, " ", 3)
	if len(parts) != 3 {
		return fmt.Errorf("captured sysfs: %q", line)
	}
	path := filepath.Join(root, parts[1])
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if parts[0] == "L" {
		if err := os.MkdirAll(filepath.Join(filepath.Dir(path), parts[2]), 0o755); err != nil {
			return err
		}
		return os.Symlink(parts[2], path)
	}
	content, err := strconv.Unquote(parts[2])
	if err != nil {
		return fmt.Errorf("captured sysfs: %q: %w", line, err)
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

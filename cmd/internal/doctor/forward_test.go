package doctor

import (
	"os"
	"path/filepath"
	"testing"
)

func TestForwards(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bench0"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := forwards(dir, "bench0"); err == nil {
		t.Error("a flag that cannot be read is taken for one")
	}
	for text, want := range map[string]bool{"0\n": false, "1\n": true} {
		if err := os.WriteFile(filepath.Join(dir, "bench0", "forwarding"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if on, err := forwards(dir, "bench0"); err != nil || on != want {
			t.Errorf("%q: %t, %v", text, on, err)
		}
	}
}

package catalogue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/images/catalogue"
	"regain.example/images/frames"
	"regain.example/images/manifest"
)

// edit changes one byte of a file, so that its time changes too.
func edit(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is wrong is found and named; and an image whose manifest is not ours, or
// whose body is too short, can neither be ordered nor passes for a good one.
func TestWhatIsWrongIsNamed(t *testing.T) {
	disk := makeDisk(t)
	for name, bad := range map[string]struct {
		spoil  func(t *testing.T, path func(ending string) string)
		err    error
		says   string
		usable bool // Get still gives it out: only reading it whole tells
	}{
		"body cut short": {func(t *testing.T, path func(string) string) {
			if err := os.Truncate(path(".img.zst"), 1000); err != nil {
				t.Fatal(err)
			}
		}, frames.ErrTruncated, "1000 bytes", false},
		"corrupt frame": {func(t *testing.T, path func(string) string) {
			edit(t, path(".img.zst"), 300)
		}, frames.ErrCorrupt, "frame 0 of 5", true},
		"seek table": {func(t *testing.T, path func(string) string) {
			edit(t, path(".img.zst"), -1)
		}, frames.ErrNoSeekTable, "magic", true},
		"manifest changed": {func(t *testing.T, path func(string) string) {
			edit(t, path(".json"), 30)
		}, manifest.ErrSignature, "changed", false},
		"another's signature": {func(t *testing.T, path func(string) string) {
			key, err := catalogue.SigningKey(filepath.Join(t.TempDir(), "other"))
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path(".json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path(".json.minisig"), manifest.Sign(key, data, "debian"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, manifest.ErrSignature, "made with key", false},
		"body gone": {func(t *testing.T, path func(string) string) {
			if err := os.Remove(path(".img.zst")); err != nil {
				t.Fatal(err)
			}
		}, os.ErrNotExist, "debian", false},
	} {
		t.Run(name, func(t *testing.T) {
			c, dir := open(t)
			add(t, c, disk, options("debian"))
			if err := c.VerifyAll(context.Background()); err != nil {
				t.Fatal(err)
			}
			bad.spoil(t, func(ending string) string { return filepath.Join(dir, "debian"+ending) })
			err := c.Verify(context.Background(), "debian", nil)
			if !errors.Is(err, bad.err) || !strings.Contains(err.Error(), bad.says) {
				t.Errorf("Verify: %v, want %v that says %q", err, bad.err, bad.says)
			}
			if err := c.VerifyAll(context.Background()); err == nil {
				t.Error("VerifyAll: no error")
			}
			if _, _, _, err := c.Manifest("debian"); (err == nil) != bad.usable {
				t.Errorf("Manifest: %v", err)
			}
			entries, err := c.List(context.Background())
			if err != nil || len(entries) != 1 || (entries[0].Err == nil) != bad.usable {
				t.Errorf("List: %+v, %v", entries, err)
			}
		})
	}
}

// A manifest under another's name is refused, though its signature is good.
func TestRenamedImage(t *testing.T) {
	c, dir := open(t)
	add(t, c, makeDisk(t), options("debian"))
	for _, ending := range []string{".img.zst", ".json", ".json.minisig"} {
		if err := os.Rename(filepath.Join(dir, "debian"+ending), filepath.Join(dir, "windows"+ending)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Get("windows"); !errors.Is(err, manifest.ErrInvalid) {
		t.Errorf("error %v, want ErrInvalid", err)
	}
}

func TestVerifyCancelled(t *testing.T) {
	c, _ := open(t)
	add(t, c, makeDisk(t), options("debian"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Verify(ctx, "debian", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestNames(t *testing.T) {
	c, _ := open(t)
	for _, name := range []string{"", "none", "../images", "/etc/passwd", "a/b", ".lock"} {
		if _, err := c.Get(name); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("Get(%q): %v, want ErrNotFound", name, err)
		}
		if err := c.Verify(context.Background(), name, nil); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("Verify(%q): %v, want ErrNotFound", name, err)
		}
	}
}

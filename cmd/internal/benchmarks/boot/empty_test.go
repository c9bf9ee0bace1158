//go:build bench

package boot

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/u-root/mkuimage/cpio"
	"github.com/u-root/mkuimage/uimage/initramfs"

	"regain.example/boot"
	"regain.example/boot/esp"
)

// emptyInit is what the program of that name says.
const emptyInit = "an empty init runs"

// built is the path of what make built.
func built(b *testing.B, name string) string {
	b.Helper()
	path, err := filepath.Abs(filepath.Join("../../../../build", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		b.Fatalf("%v: run \"make build agent-image\" first", err)
	}
	return path
}

// emptied returns a boot directory like dir whose initramfs holds an empty init and
// nothing else: no agent, no modules.
func emptied(b *testing.B, dir string) string {
	b.Helper()
	to := b.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == boot.FileInitramfs || e.Name() == esp.File || !e.Type().IsRegular() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), content, 0o644)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	program, archive := filepath.Join(b.TempDir(), "init"), filepath.Join(b.TempDir(), "cpio")
	run(b, "CGO_ENABLED=0", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./emptyinit")
	files := initramfs.NewFiles()
	if err := files.AddFile(program, "init"); err != nil {
		b.Fatal(err)
	}
	if err := files.AddRecord(cpio.CharDev("dev/console", 0o600, 5, 1)); err != nil {
		b.Fatal(err)
	}
	if err := initramfs.Write(&initramfs.Opts{Files: files, OutputFile: &initramfs.CPIOFile{Path: archive}}); err != nil {
		b.Fatal(err)
	}
	run(b, "", "zstd", "--quiet", "-17", "-o", filepath.Join(to, boot.FileInitramfs), archive)
	run(b, "", "go", "run", "../../mkesp", "-work", built(b, "loaders"), "-boot", to)
	return to
}

func run(b *testing.B, env, name string, args ...string) {
	b.Helper()
	cmd := exec.Command(name, args...)
	if env != "" {
		cmd.Env = append(os.Environ(), env)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
}

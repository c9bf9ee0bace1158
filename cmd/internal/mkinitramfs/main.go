// Command mkinitramfs makes what the boot server hands to a bench: the kernel as
// it is in Debian's package, and an initramfs of the agent as /init with the
// kernel modules of a readable list. The same inputs give the same bytes.
//
//	mkinitramfs -agent build/regain-agent -kernel build/kernel \
//	    -modules agent/modules.txt -out build/boot
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/u-root/mkuimage/uimage/initramfs"
)

func main() {
	var o options
	flag.StringVar(&o.agent, "agent", "build/regain-agent", "the agent's static `binary`")
	flag.StringVar(&o.kernel, "kernel", "build/kernel", "`directory` of an unpacked linux-image package")
	flag.StringVar(&o.firmware, "firmware", "build/firmware", "`directory` of unpacked firmware packages")
	flag.StringVar(&o.modules, "modules", "agent/modules.txt", "the list of modules")
	flag.StringVar(&o.out, "out", "build/boot", "`directory` to write vmlinuz and initramfs to")
	flag.IntVar(&o.level, "level", 17, "of compression by zstd, 1 to 19")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "mkinitramfs:", err)
		os.Exit(1)
	}
}

type options struct {
	agent, kernel, firmware, modules, out string
	level                                 int
}

func run(o options) error {
	f, err := os.Open(o.modules)
	if err != nil {
		return err
	}
	defer f.Close()
	list, err := parseList(f)
	if err != nil {
		return fmt.Errorf("%s: %w", o.modules, err)
	}
	t, err := openTree(o.kernel)
	if err != nil {
		return err
	}
	mods, err := t.pick(list)
	if err != nil {
		return err
	}
	fw, err := pickFirmware(o.firmware, mods)
	if err != nil {
		return err
	}
	files, err := archive(o.agent, t, mods, list, fw)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	target := filepath.Join(o.out, "initramfs")
	plain := target + ".cpio"
	defer os.Remove(plain)
	err = initramfs.Write(&initramfs.Opts{Files: files, OutputFile: &initramfs.CPIOFile{Path: plain}})
	if err != nil {
		return fmt.Errorf("write %s: %w", plain, err)
	}
	if err := compress(plain, target, o.level); err != nil {
		return err
	}
	if err := copyKernel(o.kernel, filepath.Join(o.out, "vmlinuz")); err != nil {
		return err
	}
	if err := copyNotes(o.firmware, filepath.Join(o.out, "firmware-licences")); err != nil {
		return err
	}
	fmt.Print(fw.tell())
	return summary(o.out, t.release, len(mods))
}

// compress packs the archive with zstd, which Debian's kernel unpacks
// (CONFIG_RD_ZSTD) several times faster than xz. One thread, so that the result
// does not depend on the machine.
func compress(from, to string, level int) error {
	tmp := to + ".new"
	cmd := exec.Command("zstd", "--quiet", "--force", "--single-thread", "-"+strconv.Itoa(level), "-o", tmp, from)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compress %s: %w", from, err)
	}
	return os.Rename(tmp, to)
}

// copyKernel takes the kernel from where "make build/kernel" puts it.
func copyKernel(root, to string) error {
	data, err := os.ReadFile(filepath.Join(root, "vmlinuz"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(to+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(to+".new", to)
}

// budget is that of kernel and initramfs together, in bytes. Benches fetch them
// over one network, forty at a time, and unpack them in 512 MiB.
const budget = 22_000_000

// summary tells the sizes, and refuses what is beyond the budget.
func summary(out, release string, modules int) error {
	total := int64(0)
	for _, name := range []string{"vmlinuz", "initramfs"} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			return err
		}
		fmt.Printf("%-10s %5.1f MB\n", name, float64(info.Size())/1e6)
		total += info.Size()
	}
	fmt.Printf("%-10s %5.1f MB (Linux %s, %d modules)\n", "together", float64(total)/1e6, release, modules)
	if total > budget {
		return fmt.Errorf("kernel and initramfs have %d bytes, their budget is %d: drop modules, or what the agent links", total, budget)
	}
	return nil
}

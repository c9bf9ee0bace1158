package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"regain.example/boot"
	"regain.example/cmd/internal/appliance"
)

// The free space below which images and evidence may not fit, in bytes.
const (
	spaceWarn = 10 << 30
	spaceFail = 1 << 30
)

// stateDir checks that nobody else can read the keys.
func (d *Doctor) stateDir(context.Context) []Finding {
	const what = "state directory"
	dir := d.Config.StateDir
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return one(Warn, what, dir+" does not exist yet", "regain serve makes it at its first start")
	}
	if err != nil {
		return one(Fail, what, err.Error(), "run regain doctor as the user that runs the controller")
	}
	if !info.IsDir() {
		return one(Fail, what, dir+" is not a directory", "move it away, or set state_dir")
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return one(Fail, what, fmt.Sprintf("others may look into %s (mode %04o), where the keys are", dir, mode), "chmod 0700 "+dir)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
		return one(Warn, what, fmt.Sprintf("%s belongs to user %d, not to you", dir, st.Uid), "run the controller as its owner, or chown it")
	}
	return one(OK, what, dir, "")
}

// space checks the file system that holds the state, or will.
func (d *Doctor) space(context.Context) []Finding {
	const what = "free space"
	dir := d.Config.StateDir
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	for errors.Is(err, unix.ENOENT) && dir != "/" {
		dir = filepath.Dir(dir)
		err = unix.Statfs(dir, &st)
	}
	if err != nil {
		return one(Fail, what, fmt.Sprintf("%s: %v", dir, err), "")
	}
	free := st.Bavail * uint64(st.Bsize)
	text := fmt.Sprintf("%.1f GiB at %s", float64(free)/(1<<30), dir)
	switch {
	case free < spaceFail:
		return one(Fail, what, text, "make room: a controller that cannot write acknowledges nothing, and machines stop")
	case free < spaceWarn:
		return one(Warn, what, text, "make room before you add a master image; 10 GiB are comfortable")
	}
	return one(OK, what, text, "")
}

// bootFiles checks that everything a machine boots can be read.
func (d *Doctor) bootFiles(context.Context) []Finding {
	advice := map[string]string{
		boot.FileKernel:    "build it with make, and copy it there",
		boot.FileInitramfs: "build it with make, and copy it there",
	}
	names := []string{boot.FileKernel, boot.FileInitramfs}
	for _, f := range boot.Files() {
		names = append(names, f.Name)
		advice[f.Name] = fmt.Sprintf("apt-get install %s, and copy %s there as %s", f.Package, f.Path, f.Name)
	}
	var all []Finding
	for _, name := range names {
		path := filepath.Join(d.Config.BootDir, name)
		if err := readable(path); err != nil {
			all = append(all, Finding{Fail, "boot file", err.Error(), advice[name]})
		}
	}
	if all == nil {
		return one(OK, "boot files", fmt.Sprintf("%d files in %s", len(names), d.Config.BootDir), "")
	}
	return all
}

func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if n, err := f.Read(make([]byte, 1)); n == 0 || err != nil {
		return fmt.Errorf("%s is empty or not a file", path)
	}
	return nil
}

// images checks the signatures of the master images, and that profiles name
// images that exist.
func (d *Doctor) images(ctx context.Context) []Finding {
	const what = "master images"
	// Opening the catalogue makes the signing key; an examination makes nothing.
	if _, err := os.Stat(filepath.Join(d.Config.StateDir, appliance.ImageKeyFile)); errors.Is(err, fs.ErrNotExist) {
		return d.profiles(nil, one(Warn, what, "there are none yet", "regain image add"))
	}
	c, err := appliance.OpenCatalogue(d.Config.StateDir)
	if err != nil {
		return one(Fail, what, err.Error(), "")
	}
	entries, err := c.List(ctx)
	if err != nil {
		return one(Fail, what, err.Error(), "")
	}
	usable := map[string]bool{}
	var all []Finding
	for _, e := range entries {
		if usable[e.Name] = e.Err == nil; e.Err != nil {
			all = append(all, Finding{Fail, "master image " + e.Name, e.Err.Error(), "add the image again, or remove its files"})
		}
	}
	if len(all) == 0 {
		all = one(OK, what, fmt.Sprintf("%d, each signed and of the right length (regain image verify reads them whole)", len(entries)), "")
	}
	return d.profiles(usable, all)
}

func (d *Doctor) profiles(usable map[string]bool, all []Finding) []Finding {
	for _, p := range d.Config.Profiles {
		if p.Image != "" && !usable[p.Image] {
			all = append(all, Finding{Fail, "profile " + p.Name, "its image " + p.Image + " is not there or cannot be used",
				"regain image add --name " + p.Image + ", or correct the profile"})
		}
	}
	return all
}

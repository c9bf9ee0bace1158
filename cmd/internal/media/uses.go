package media

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// uses lists what holds the device whose sysfs directory is dir, or a partition of
// it: mounts (proc(5), mountinfo), swap, and devices built on it.
func (h Host) uses(dir string) ([]string, error) {
	parts, err := filepath.Glob(filepath.Join(dir, "*", "partition"))
	if err != nil {
		return nil, err
	}
	dirs := []string{dir}
	for _, p := range parts {
		dirs = append(dirs, filepath.Dir(p))
	}
	mounts, err := os.ReadFile(filepath.Join(h.Proc, "self/mountinfo"))
	if err != nil {
		return nil, fmt.Errorf("list mounts: %w", err)
	}
	swaps, err := os.ReadFile(filepath.Join(h.Proc, "swaps"))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("list swap: %w", err)
	}
	var found []string
	for _, d := range dirs {
		found = append(found, mounted(string(mounts), text(d, "dev"))...)
		if swapped(string(swaps), filepath.Base(d)) {
			found = append(found, "swap on "+filepath.Base(d))
		}
		holders, err := os.ReadDir(filepath.Join(d, "holders"))
		if err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("list what is built on %s: %w", filepath.Base(d), err)
		}
		for _, held := range holders {
			found = append(found, held.Name())
		}
	}
	return found, nil
}

// mounted returns the mount points of the device with this number. Field 3 of a
// line is the number, field 5 the mount point.
func mounted(mountinfo, number string) (points []string) {
	for line := range strings.Lines(mountinfo) {
		if f := strings.Fields(line); len(f) > 4 && f[2] == number {
			points = append(points, f[4])
		}
	}
	return points
}

func swapped(swaps, node string) bool {
	for line := range strings.Lines(swaps) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "/dev/"+node {
			return true
		}
	}
	return false
}

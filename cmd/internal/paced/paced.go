// Package paced holds a process to a speed on a block device, as a drive would:
// by the kernel's block throttling, in a control group of its own. Benchmarks use
// it to measure what fraction of a device's speed is reached.
package paced

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Group is a control group with limits for block devices.
type Group struct {
	dir     string
	parent  string
	unified bool
}

// Hierarchies in which the block controller may be found: version 1, and
// version 2 alone.
const (
	version1 = "/sys/fs/cgroup/blkio"
	version2 = "/sys/fs/cgroup"
)

// New makes an empty group. It needs root and the kernel's block throttling.
func New() (*Group, error) {
	g := &Group{parent: version1}
	if _, err := os.Stat(filepath.Join(version1, "cgroup.procs")); err != nil {
		g.parent, g.unified = version2, true
		if err := write(version2, "cgroup.subtree_control", "+io"); err != nil {
			return nil, fmt.Errorf("use block throttling: no block controller of either version: %w", err)
		}
	}
	dir, err := os.MkdirTemp(g.parent, "regain-paced-")
	if err != nil {
		return nil, fmt.Errorf("make control group: %w", err)
	}
	g.dir = dir
	return g, nil
}

// Limit sets the read and the write speed of a device, in bytes per second each.
func (g *Group) Limit(major, minor uint32, bytesPerSecond uint64) error {
	if g.unified {
		return write(g.dir, "io.max", fmt.Sprintf("%d:%d rbps=%d wbps=%d", major, minor, bytesPerSecond, bytesPerSecond))
	}
	line := fmt.Sprintf("%d:%d %d", major, minor, bytesPerSecond)
	return errors.Join(
		write(g.dir, "blkio.throttle.read_bps_device", line),
		write(g.dir, "blkio.throttle.write_bps_device", line))
}

// Enter puts this process, and the children that it starts from now on, under
// the limits.
func (g *Group) Enter() error {
	return write(g.dir, "cgroup.procs", fmt.Sprint(os.Getpid()))
}

// Close takes this process out of the group and removes it.
func (g *Group) Close() error {
	return errors.Join(write(g.parent, "cgroup.procs", fmt.Sprint(os.Getpid())), os.Remove(g.dir))
}

func write(dir, name, value string) error {
	return os.WriteFile(filepath.Join(dir, name), []byte(value), 0)
}

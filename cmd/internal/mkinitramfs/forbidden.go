package main

import (
	"fmt"
	"strings"
)

// forbidden are the kernel's modules that must never run on a bench, by their
// paths in its tree, and why. What the kernel puts between a drive and us could
// hide a drive, or stand for one.
var forbidden = []struct{ path, why string }{
	{"kernel/drivers/md/", "md and dm put drives together: a part of them would look like the whole"},
	{"kernel/drivers/block/loop.ko", "a file is no drive"},
	{"kernel/drivers/block/zram/", "memory is no drive"},
	{"kernel/drivers/block/null_blk/", "nothing is no drive"},
	{"kernel/drivers/block/brd.ko", "memory is no drive"},
	{"kernel/drivers/block/nbd.ko", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/block/rbd.ko", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/block/rnbd/", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/block/aoe/", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/block/drbd/", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/nvme/host/nvme-fabrics.ko", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/scsi/iscsi_tcp.ko", "a drive elsewhere is not this machine's"},
	{"kernel/drivers/scsi/fcoe/", "a drive elsewhere is not this machine's"},
}

// allowed returns an error for a module that must never run on a bench. The path
// is that of its file below lib/modules/RELEASE.
func allowed(path string) error {
	for _, f := range forbidden {
		if strings.HasPrefix(path, f.path) {
			return fmt.Errorf("%s must never be on a bench: %s", path, f.why)
		}
	}
	return nil
}

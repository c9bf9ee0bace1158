package catalogue_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

// A disk made for drives of 4,096-byte sectors says so in its manifest.
func TestAdd4096(t *testing.T) {
	dir := t.TempDir()
	sh(t, dir, `truncate -s $((17*1024*1024 + 4096)) disk.raw
		printf 'g\nn\n1\n256\n2303\nn\n2\n2304\n\nw\n' | fdisk -b 4096 disk.raw`)
	c, _ := open(t)
	o := options("debian")
	o.Identity, o.Grow, o.Firmware = "", 2, []manifest.Firmware{manifest.UEFI}
	disk := filepath.Join(dir, "disk.raw")
	added := add(t, c, disk, o)
	if m := added.Manifest; m.LogicalSector != 4096 || m.RawBytes != 17<<20+4096 || m.Confirm != manifest.ConfirmOperator {
		t.Errorf("%+v", m)
	}
	if len(added.Warnings) != 1 {
		t.Errorf("warnings %q, want one for UEFI without a loader", added.Warnings)
	}
	o.Name, o.LogicalSector = "other", 512
	if _, err := c.Add(context.Background(), disk, o); !errors.Is(err, catalogue.ErrSource) {
		t.Errorf("said to be of 512-byte sectors: %v, want ErrSource", err)
	}
	// A multiple of 512 bytes that is none of 4,096.
	sh(t, dir, `truncate -s +512 disk.raw`)
	o.LogicalSector = 0
	if _, err := c.Add(context.Background(), disk, o); !errors.Is(err, catalogue.ErrSource) {
		t.Errorf("odd size: %v, want ErrSource", err)
	}
}

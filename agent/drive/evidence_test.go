package drive_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

// labHost is a host whose nvme0 is a drive of the laboratory.
func labHost(t *testing.T, spec lab.NVMe) (*drive.Host, *lab.Controller, api.Drive) {
	t.Helper()
	m := lab.New()
	c := m.AddNVMe(spec)
	d := m.Drives()[0]
	admin, err := m.Admin(d)
	if err != nil {
		t.Fatal(err)
	}
	return drive.NewHost(t.TempDir(), t.TempDir(), answers{nvme: map[string]nvme.Transport{"nvme0": admin}}), c, d
}

func TestHealth(t *testing.T) {
	h, c, d := labHost(t, lab.NVMe{Namespaces: []lab.Namespace{{Bytes: 1 << 20}}})
	c.Health.MediaErrors = 4
	if got := h.Health(d); got.Error != "" || *got.MediaErrors != 4 || *got.Celsius != 35 {
		t.Errorf("%+v", got)
	}
	c.Refuse = map[nvme.Opcode]nvme.Status{nvme.OpcodeGetLogPage: nvme.StatusInvalidField}
	if got := h.Health(d); got.Error == "" || got.MediaErrors != nil {
		t.Errorf("refused: %+v", got)
	}
	other := d
	other.NVMe = &api.NVMe{Controller: "nvme9"}
	ata := api.Drive{Node: "sda", Bus: api.BusATA}
	for _, d := range []api.Drive{other, ata} {
		if got := h.Health(d); got.Error == "" {
			t.Errorf("%s: %+v", d.Node, got)
		}
	}
}

func TestIdentifyData(t *testing.T) {
	h, c, d := labHost(t, lab.NVMe{Model: "Lab NVMe", Namespaces: []lab.Namespace{{Bytes: 1 << 20, Sector: 4096}}})
	raw, err := h.IdentifyData(d)
	if err != nil || string(raw.Controller[24:32]) != "Lab NVMe" || raw.Namespace[130] != 12 || raw.ATA != nil {
		t.Error(err)
	}
	c.Unplug()
	if raw, err := h.IdentifyData(d); !errors.Is(err, drive.ErrGone) || raw.Controller != nil {
		t.Error("unplugged:", err)
	}
	ata, err := os.ReadFile(filepath.Join("testdata", "SAMSUNG_HD501LJ--CR100-12.identify"))
	if err != nil {
		t.Fatal(err)
	}
	disks := drive.NewHost(t.TempDir(), t.TempDir(), answers{ata: map[string][]byte{"sda": ata}})
	for name, c := range map[string]struct {
		d     api.Drive
		bytes int
		fails bool
	}{
		"ATA":                 {api.Drive{Node: "sda", Bus: api.BusATA}, 512, false},
		"no answer":           {api.Drive{Node: "sdb", Bus: api.BusATA}, 0, true},
		"USB, let through":    {api.Drive{Node: "sda", Bus: api.BusUSB}, 512, false},
		"USB, a bridge's own": {api.Drive{Node: "sda", Bus: api.BusUSB, SerialOfBridge: true}, 0, false},
		"virtio":              {api.Drive{Node: "sda", Bus: api.BusVirtio}, 0, false},
	} {
		raw, err := disks.IdentifyData(c.d)
		if len(raw.ATA) != c.bytes || (err != nil) != c.fails {
			t.Errorf("%s: %d bytes, %v", name, len(raw.ATA), err)
		}
	}
}

func TestADriveWithoutFUASaysSo(t *testing.T) {
	h := newLoopHost(t, 1<<20, 512)
	d, err := h.Open(h.drive)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if n, err := drive.ReadFUA(d, drive.Buffer(512), 0); n != 0 || !errors.Is(err, drive.ErrNoFUA) {
		t.Error(n, err)
	}
	if _, err := drive.ReadFUA(plain{d}, drive.Buffer(512), 0); !errors.Is(err, drive.ErrNoFUA) {
		t.Error(err)
	}
}

// plain is a device that cannot even say it.
type plain struct{ drive.Device }

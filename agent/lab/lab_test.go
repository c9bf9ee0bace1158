package lab

import (
	"testing"

	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

const size = 4 * mib

func ordinary() NVMe {
	return NVMe{
		Model: "Lab NVMe", Serial: "S1", Firmware: "1.0", OACS: 1 << 1, FNA: 1 << 2, SANICAP: 3,
		Namespaces: []Namespace{{Bytes: size, EUI64: 0x0011223344556677}},
	}
}

func TestSmoke(t *testing.T) {
	m := New()
	c := m.AddNVMe(ordinary())
	d := m.Drives()[0]
	dev, err := m.Open(d)
	if err != nil {
		t.Fatal(err)
	}
	buf := drive.Buffer(4096)
	if _, err := dev.ReadAt(buf, 4096); err != nil {
		t.Fatal(err)
	}
	t.Logf("%q", buf[:40])
	if c.Former() != size/512 {
		t.Error(c.Former())
	}
	admin, err := m.Admin(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Admin(nvme.Sanitize(nvme.SanitizeBlock), nil); err != nil {
		t.Fatal(err)
	}
	log, err := nvme.ReadSanitizeLog(admin)
	if err != nil || !log.Succeeded() || c.Former() != 0 {
		t.Error(log, err, c.Former())
	}
}

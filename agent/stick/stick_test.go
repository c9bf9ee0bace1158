package stick

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api"
)

const id = "0123456789abcdef"

// machine is a directory of device nodes and a sysfs.
type machine struct {
	t *testing.T
	*Finder
	drives []api.Drive
}

func newMachine(t *testing.T, id string) *machine {
	m := &machine{t: t, Finder: New(id)}
	m.dev, m.sys = t.TempDir(), t.TempDir()
	return m
}

// plug adds a drive that holds text in its file system. A nil text is a drive that
// cannot be read.
func (m *machine) plug(d api.Drive, text *string) {
	m.t.Helper()
	path := filepath.Join(m.dev, d.Node)
	err := os.Mkdir(path, 0o700) // reading a directory is an error
	if text != nil {
		err = errors.Join(os.Remove(path), os.WriteFile(path, []byte(strings.Repeat("\x00", 300<<10)+*text+strings.Repeat("\x00", 1<<20)), 0o600))
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.drives = append(m.drives, d)
}

// pull takes a drive out.
func (m *machine) pull(node string) {
	m.t.Helper()
	if err := os.RemoveAll(filepath.Join(m.dev, node)); err != nil {
		m.t.Fatal(err)
	}
	for i, d := range m.drives {
		if d.Node == node {
			m.drives = append(m.drives[:i:i], m.drives[i+1:]...)
		}
	}
}

// look returns the nodes of the drives that were left alone.
func (m *machine) look() (string, error) {
	now := append([]api.Drive(nil), m.drives...)
	err := m.Mark(now)
	var left []string
	for _, d := range now {
		if d.Excluded != "" {
			left = append(left, d.Node)
			if d.Excluded != Why {
				m.t.Errorf("%s: %q", d.Node, d.Excluded)
			}
		}
	}
	return strings.Join(left, " "), err
}

func disk(node string) api.Drive {
	return api.Drive{Node: node, Bus: api.BusATA, Serial: node, SizeBytes: 1 << 30}
}
func usb(node string) api.Drive {
	return api.Drive{Node: node, Bus: api.BusUSB, Serial: node, SizeBytes: 1 << 30, Removable: true}
}

// TestMark: the stick of this boot is left alone, and nothing else; in doubt there
// is an error, with which nothing is erased.
func TestMark(t *testing.T) {
	ours := "linux /vmlinuz quiet regain.media=" + id + "\n"
	others := "linux /vmlinuz quiet regain.media=fedcba9876543210\n"
	longer := "linux /vmlinuz quiet regain.media=" + id + "0\n"
	files := "holiday photographs"
	fixed := usb("sdb") // a USB disk, which the kernel does not call removable
	fixed.Removable = false
	for name, test := range map[string]struct {
		id   string
		plug func(*machine)
		want string
		err  error
	}{
		"started from the network": {"", func(m *machine) { m.plug(usb("sdb"), &ours) }, "", nil},
		"stick and disk":           {id, func(m *machine) { m.plug(disk("sda"), &files); m.plug(usb("sdb"), &ours) }, "sdb", nil},
		"stick that is a disk":     {id, func(m *machine) { m.plug(fixed, &ours) }, "sdb", nil},
		"another stick as well":    {id, func(m *machine) { m.plug(usb("sda"), &files); m.plug(usb("sdb"), &ours) }, "sdb", nil},
		"another stick of ours":    {id, func(m *machine) { m.plug(usb("sda"), &others); m.plug(usb("sdb"), &ours) }, "sdb", nil},
		"two copies":               {id, func(m *machine) { m.plug(usb("sda"), &ours); m.plug(usb("sdb"), &ours) }, "sda sdb", nil},
		"the image on a disk":      {id, func(m *machine) { m.plug(disk("sda"), &ours) }, "", nil},
		"stick pulled out":         {id, func(m *machine) { m.plug(disk("sda"), &files) }, "", nil},
		"another stick only":       {id, func(m *machine) { m.plug(usb("sda"), &files) }, "", ErrUnsure},
		"another of ours only":     {id, func(m *machine) { m.plug(usb("sda"), &others) }, "", ErrUnsure},
		"a longer ID":              {id, func(m *machine) { m.plug(usb("sda"), &longer) }, "", ErrUnsure},
		"one that cannot be read":  {id, func(m *machine) { m.plug(usb("sda"), nil) }, "", ErrUnsure},
		"USB disk only":            {id, func(m *machine) { m.plug(fixed, &files) }, "", ErrUnsure},
	} {
		m := newMachine(t, test.id)
		test.plug(m)
		got, err := m.look()
		if !errors.Is(err, test.err) || err == nil && got != test.want {
			t.Errorf("%s: left alone %q, %v; want %q, %v", name, got, err, test.want, test.err)
		}
	}
}

// TestPulledLater: once the stick was seen, it may be pulled out, and what is
// plugged in later is no stick.
func TestPulledLater(t *testing.T) {
	ours, files := "regain.media="+id+"\n", "files"
	m := newMachine(t, id)
	m.plug(usb("sdb"), &ours)
	m.plug(usb("sdc"), &files)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "sdb"},
		{func() { m.pull("sdb") }, ""},
		{func() { m.plug(usb("sdb"), &ours) }, "sdb"},
		{func() { m.pull("sdb"); m.plug(usb("sdd"), &ours) }, "sdd"},
	} {
		step.do()
		if got, err := m.look(); err != nil || got != step.want {
			t.Errorf("left alone %q, %v; want %q", got, err, step.want)
		}
	}
	m.pull("sdd")
	m.plug(usb("sdd"), nil) // the stick itself, and it cannot be read any more
	if _, err := m.look(); !errors.Is(err, ErrUnsure) {
		t.Errorf("the stick cannot be read: %v", err)
	}
}

// TestCards: a card is a stick, what is soldered to the board is not.
func TestCards(t *testing.T) {
	ours := "regain.media=" + id + "\n"
	for kind, want := range map[string]string{"SD": "mmcblk0", "MMC": "", "": ""} {
		m := newMachine(t, id)
		dir := filepath.Join(m.sys, "block/mmcblk0/device")
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "type"), []byte(kind+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		m.plug(api.Drive{Node: "mmcblk0", Bus: api.BusMMC, Serial: "1", SizeBytes: 1 << 30}, &ours)
		if got, err := m.look(); err != nil || got != want {
			t.Errorf("%q: left alone %q, %v; want %q", kind, got, err, want)
		}
	}
}

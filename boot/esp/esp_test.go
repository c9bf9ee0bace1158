package esp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"regain.example/boot/esp"
	"regain.example/boot/esp/esptest"
)

func open(t *testing.T, image []byte) (*esp.Template, error) {
	t.Helper()
	dir := t.TempDir()
	if err := esptest.Write(dir, image); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	template, err := esp.Open(root)
	if err == nil {
		t.Cleanup(func() { template.Close() })
	}
	return template, err
}

func read(t *testing.T, r io.ReadSeeker) []byte {
	t.Helper()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWith: the configuration takes the placeholder's place, and nothing else of
// the image changes. Images of one template do not disturb each other.
func TestWith(t *testing.T) {
	image := esptest.Template()
	template, err := open(t, image)
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{"", "linux /vmlinuz regain.token=one\n", strings.Repeat("x", esp.ConfigBytes)} {
		other, err := template.With("linux /vmlinuz regain.token=another\n")
		if err != nil {
			t.Fatal(err)
		}
		made, err := template.With(config)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Clone(image)
		copy(want[esptest.ConfigAt:], config+strings.Repeat("\n", esp.ConfigBytes-len(config)))
		if !bytes.Equal(read(t, made), want) {
			t.Errorf("%.20q: the image is not the template with it", config)
		}
		// As a server reads ranges: from the middle of the configuration on.
		part := make([]byte, 1000)
		if _, err := made.Seek(esptest.ConfigAt+10, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(made, part); err != nil || !bytes.Equal(part, want[esptest.ConfigAt+10:][:1000]) {
			t.Errorf("%.20q: a range of the image differs: %v", config, err)
		}
		if !bytes.Contains(read(t, other), []byte("token=another\n")) {
			t.Error("two images share their configuration")
		}
	}
	if template.Size() != int64(len(image)) {
		t.Errorf("size %d", template.Size())
	}
}

func TestTooLong(t *testing.T) {
	template, err := open(t, esptest.Template())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := template.With(strings.Repeat("x", esp.ConfigBytes+1)); !errors.Is(err, esp.ErrTooLong) {
		t.Errorf("%v, want ErrTooLong", err)
	}
}

// TestStick: a stick's image has its ID where GRUB, BIOS, Windows and the agent
// look, and no parameter that leads to a controller.
func TestStick(t *testing.T) {
	template, err := open(t, esptest.Template())
	if err != nil {
		t.Fatal(err)
	}
	id := esp.ID{1, 2, 3, 4, 0xa5, 0xb6, 0xc7, 0xd8}
	made, err := template.Stick(id, "quiet  console=ttyS0,115200n8")
	if err != nil {
		t.Fatal(err)
	}
	b := read(t, made)
	if want := "linux /vmlinuz quiet console=ttyS0,115200n8 regain.media=01020304a5b6c7d8\n"; !bytes.Contains(b, []byte(want)) {
		t.Errorf("the configuration does not hold %q", want)
	}
	for _, secret := range []string{"regain.controller", "regain.pin", "regain.token"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the stick names %s", secret)
		}
	}
	// UEFI 2.10 section 5.2.1; Microsoft's FAT specification, BS_VolID of FAT16.
	if !bytes.Equal(b[440:444], id[:4]) {
		t.Errorf("disk signature % x", b[440:444])
	}
	if got := binary.LittleEndian.Uint32(b[esp.PartitionStart*512+39:]); got != 0xa5b6c7d8 {
		t.Errorf("volume serial number %x", got)
	}
	for _, bad := range []string{"a; reboot", "a\nb", "$b", "a'b", "{", "é"} {
		if _, err := template.Stick(id, bad); err == nil {
			t.Errorf("kernel parameters %q were taken", bad)
		}
	}
	if _, err := template.Stick(esp.ID{}, ""); err == nil {
		t.Error("a stick without an ID was made")
	}
}

// TestOpenRefuses: what is no template, or one whose placeholder is torn, is
// refused: a configuration written to the wrong place would break the file system.
func TestOpenRefuses(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":                       func([]byte) []byte { return nil },
		"no boot record":              func(b []byte) []byte { clear(b[:512]); return b },
		"cut short":                   func(b []byte) []byte { return b[:len(b)-512] },
		"no placeholder":              func(b []byte) []byte { clear(b[esptest.ConfigAt : esptest.ConfigAt+esp.ConfigBytes]); return b },
		"placeholder in two pieces":   func(b []byte) []byte { clear(b[esptest.ConfigAt+4096 : esptest.ConfigAt+6144]); return b },
		"placeholder beyond the end":  func(b []byte) []byte { return b[:esptest.ConfigAt+100] },
		"partition of another length": func(b []byte) []byte { b[458]++; return b },
	} {
		if _, err := open(t, spoil(esptest.Template())); err == nil {
			t.Errorf("%s: taken for a template", name)
		} else if name != "empty" && !errors.Is(err, esp.ErrTemplate) {
			t.Errorf("%s: %v, want ErrTemplate", name, err)
		}
	}
	if _, err := open(t, esptest.Template()); err != nil {
		t.Errorf("a whole one: %v", err)
	}
}

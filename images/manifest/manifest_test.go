package manifest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"regain.example/images/manifest"
)

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// valid returns a manifest of two frames, the second short and zero.
func valid() manifest.Manifest {
	const last = 8192
	m := manifest.Manifest{
		Schema: 1, Name: "debian12", Title: "Debian 12, hardened",
		RawBytes: manifest.FrameBytes + last, LogicalSector: 512, MinDriveBytes: manifest.FrameBytes + last,
		Firmware: []manifest.Firmware{manifest.BIOS, manifest.UEFI, manifest.SecureBoot},
		Grow:     4, Identity: manifest.IdentityNoCloud, Confirm: manifest.ConfirmFirstBoot,
		Provenance: manifest.Provenance{
			Source: "debian12.raw", SourceSHA256: hash([]byte("disk")),
			Created: "2026-11-22T01:40:00Z", Tool: "regain 1",
		},
		Frames: []manifest.Frame{
			{Offset: 0, Length: 1000, Raw: manifest.FrameBytes, SHA256: hash([]byte("x"))},
			{Offset: 1000, Length: 20, Raw: last, SHA256: hash(make([]byte, last)), Zero: true},
		},
	}
	m.CompressedBytes = 1020 + manifest.SeekTableBytes(2)
	return m
}

func TestRoundTrip(t *testing.T) {
	data, err := valid().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Errorf("parsed and marshalled again:\n%s\nwant\n%s", again, data)
	}
}

func TestValidateRefuses(t *testing.T) {
	type m = manifest.Manifest
	for field, spoil := range map[string]func(*m){
		"schema":                   func(m *m) { m.Schema = 2 },
		"name":                     func(m *m) { m.Name = "" },
		"name ":                    func(m *m) { m.Name = "../debian" },
		"name  ":                   func(m *m) { m.Name = ".debian" },
		"name   ":                  func(m *m) { m.Name = "Debian" },
		"name    ":                 func(m *m) { m.Name = "a/b" },
		"name     ":                func(m *m) { m.Name = "a\x00b" },
		"name      ":               func(m *m) { m.Name = strings.Repeat("a", 65) },
		"title":                    func(m *m) { m.Title = "red \x1b[31m" },
		"title ":                   func(m *m) { m.Title = "\xff" },
		"title  ":                  func(m *m) { m.Title = strings.Repeat("a", 201) },
		"logical_sector":           func(m *m) { m.LogicalSector = 520 },
		"raw_bytes":                func(m *m) { m.RawBytes = 0 },
		"raw_bytes ":               func(m *m) { m.RawBytes++ },
		"raw_bytes  ":              func(m *m) { m.LogicalSector = 4096; m.RawBytes += 512 },
		"frames for":               func(m *m) { m.RawBytes += 1 << 40; m.MinDriveBytes = m.RawBytes },
		"min_drive_bytes":          func(m *m) { m.MinDriveBytes-- },
		"firmware":                 func(m *m) { m.Firmware = nil },
		"firmware ":                func(m *m) { m.Firmware = []manifest.Firmware{"coreboot"} },
		"firmware  ":               func(m *m) { m.Firmware = []manifest.Firmware{"bios", "bios"} },
		"grow":                     func(m *m) { m.Grow = -1 },
		"grow ":                    func(m *m) { m.Grow = 129 },
		"identity":                 func(m *m) { m.Identity = "" },
		"confirm":                  func(m *m) { m.Confirm = "" },
		"confirm ":                 func(m *m) { m.Identity = manifest.IdentityNone },
		"provenance.source":        func(m *m) { m.Provenance.Source = "" },
		"provenance.source_sha256": func(m *m) { m.Provenance.SourceSHA256 = strings.Repeat("A", 64) },
		"provenance.created":       func(m *m) { m.Provenance.Created = "yesterday" },
		"provenance.created ":      func(m *m) { m.Provenance.Created = "2026-11-22T01:40:00+02:00" },
		"provenance.tool":          func(m *m) { m.Provenance.Tool = "" },
		"frames":                   func(m *m) { m.Frames = nil },
		"frames ":                  func(m *m) { m.Frames = m.Frames[:1] },
		"frames  ":                 func(m *m) { m.Frames = append(m.Frames, m.Frames[1]) },
		"offset":                   func(m *m) { m.Frames[1].Offset++ },
		"length":                   func(m *m) { m.Frames[0].Length = 0 },
		"length ":                  func(m *m) { m.Frames[0].Length = 5 << 20; m.Frames[1].Offset = 5 << 20 },
		"raw":                      func(m *m) { m.Frames[0].Raw = 0 },
		"raw ":                     func(m *m) { m.Frames[1].Raw += 512 },
		"sha256":                   func(m *m) { m.Frames[0].SHA256 = "00" },
		"marked zero":              func(m *m) { m.Frames[1].SHA256 = m.Frames[0].SHA256 },
		"compressed_bytes":         func(m *m) { m.CompressedBytes = 1 << 62 },
	} {
		bad := valid()
		spoil(&bad)
		err := bad.Validate()
		if !errors.Is(err, manifest.ErrInvalid) || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
			t.Errorf("%s: error %v, want ErrInvalid that names the field", field, err)
		}
		if _, err := bad.Marshal(); err == nil {
			t.Errorf("%s: marshalled all the same", field)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	data, err := valid().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	for name, bad := range map[string]string{
		"empty":         "",
		"not JSON":      "debian",
		"cut short":     good[:len(good)/2],
		"trailing":      good + "{}",
		"unknown field": strings.Replace(good, `"title"`, `"tilte"`, 1),
		"later schema":  strings.Replace(good, `"schema": 1`, `"schema": 2`, 1),
		"too large":     good + strings.Repeat(" ", manifest.MaxBytes),
	} {
		if _, err := manifest.Parse([]byte(bad)); !errors.Is(err, manifest.ErrInvalid) {
			t.Errorf("%s: error %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := valid().Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"schema":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := manifest.Parse(data)
		if err != nil {
			if !errors.Is(err, manifest.ErrInvalid) {
				t.Errorf("error %v does not wrap ErrInvalid", err)
			}
			return
		}
		var raw, length uint64
		for _, fr := range m.Frames {
			raw += uint64(fr.Raw)
			length += uint64(fr.Length)
		}
		if raw != m.RawBytes || length > m.CompressedBytes || !manifest.ValidName(m.Name) {
			t.Errorf("accepted a manifest that does not add up: %+v", m)
		}
	})
}

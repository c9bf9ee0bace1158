package nocloud

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs a program that knows FAT without us.
func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install mtools and dosfstools (make test does)", name)
	}
	cmd := exec.Command(path, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// volumeFile writes a volume, zeros behind its head, to a file.
func volumeFile(t testing.TB, head []byte, size int64) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "volume")
	if err := os.WriteFile(file, head, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	return file
}

func seed() map[string][]byte {
	return map[string][]byte{
		"meta-data":      []byte("instance-id: 1\nlocal-hostname: pc-1\n"),
		"user-data":      bytes.Repeat([]byte("#cloud-config line\n"), 3000), // many clusters
		"network-config": {},
		"vendor-data":    []byte("x"),
		"a.name-that-needs_three.long.entries.in-the-directory": []byte("long"),
	}
}

// The sizes lie on both sides of what makes a volume FAT12 or FAT16, and are odd.
func TestBuild(t *testing.T) {
	for _, c := range []struct {
		size   int64
		sector uint32
		fat    string
	}{
		{256 << 10, 512, "FAT12"},
		{1<<20 + 512, 512, "FAT12"},
		{2 << 20, 512, "FAT12"},
		{4080*512 + 60*512, 512, "FAT12"}, // too near to the border: larger clusters
		{4 << 20, 512, "FAT16"},
		{31<<20 + 512, 512, "FAT16"},
		{32<<20 - 512, 512, "FAT16"},
		{64 << 20, 512, "FAT16"},
		{1 << 30, 512, "FAT16"},
		{1 << 20, 4096, "FAT12"},
		{4<<20 + 4096, 4096, "FAT12"},
		{64 << 20, 4096, "FAT16"},
	} {
		t.Run(fmt.Sprintf("%d in %d", c.size, c.sector), func(t *testing.T) {
			head, err := Build(uint64(c.size), c.sector, seed())
			if err != nil {
				t.Fatal(err)
			}
			if got := string(head[54:59]); got != c.fat || !Labelled(head) {
				t.Errorf("%s, labelled %v, want %s", got, Labelled(head), c.fat)
			}
			file := volumeFile(t, head, c.size)
			out := tool(t, "fsck.vfat", "-n", "-v", file)
			if !strings.Contains(out, strings.TrimPrefix(c.fat, "FAT")+" bit entries") || !strings.Contains(out, "6 files") {
				t.Errorf("fsck.vfat does not see %s with the label and 5 files: %s", c.fat, out)
			}
			if out := tool(t, "mdir", "-i", file, "::"); !strings.Contains(out, "is CIDATA") {
				t.Errorf("mdir: %s", out)
			}
			for name, want := range seed() {
				if got := tool(t, "mtype", "-i", file, "::/"+name); got != string(want) {
					t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
				}
			}
		})
	}
}

func TestBuildIsRepeatable(t *testing.T) {
	a, err := Build(2<<20, 512, seed())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Build(2<<20, 512, seed())
	other := seed()
	other["meta-data"] = []byte("instance-id: 2\n")
	c, _ := Build(2<<20, 512, other)
	if !bytes.Equal(a, b) || bytes.Equal(a[39:43], c[39:43]) {
		t.Error("the same seed must give the same volume, another seed another serial number")
	}
}

func TestBuildRefuses(t *testing.T) {
	big := map[string][]byte{"user-data": make([]byte, 2<<20)}
	many := map[string][]byte{}
	for i := range maxFiles + 1 {
		many[fmt.Sprint("f", i)] = nil
	}
	for _, c := range []struct {
		name   string
		size   uint64
		sector uint32
		files  map[string][]byte
		want   error
	}{
		{"no files", 2 << 20, 512, nil, nil},
		{"too many files", 2 << 20, 512, many, nil},
		{"too large a seed", 2 << 20, 512, big, ErrSize},
		{"no room at all", 8 << 10, 512, seed(), ErrSize},
		{"nothing", 0, 512, seed(), ErrSize},
		{"too large a partition", 3 << 30, 512, seed(), ErrSize},
		{"odd sectors", 2 << 20, 520, seed(), nil},
		{"no sectors", 2 << 20, 0, seed(), nil},
		{"path", 2 << 20, 512, map[string][]byte{"a/b": nil}, nil},
		{"dots", 2 << 20, 512, map[string][]byte{"..": nil}, nil},
		{"empty name", 2 << 20, 512, map[string][]byte{"": nil}, nil},
		{"not ASCII", 2 << 20, 512, map[string][]byte{"é": nil}, nil},
		{"long name", 2 << 20, 512, map[string][]byte{strings.Repeat("a", 65): nil}, nil},
		{"same name", 2 << 20, 512, map[string][]byte{"meta-data": nil, "META-DATA": nil}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Build(c.size, c.sector, c.files); err == nil || (c.want != nil && !errors.Is(err, c.want)) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// The label is found on what mkfs.vfat makes, of each kind.
func TestLabelled(t *testing.T) {
	for _, c := range []struct {
		label, bits string
		want        bool
	}{{"CIDATA", "12", true}, {"CIDATA", "16", true}, {"CIDATA", "32", true}, {"cidata", "16", true}, {"EFI", "16", false}, {"CIDATA2", "32", false}} {
		file := filepath.Join(t.TempDir(), "volume")
		tool(t, "mkfs.vfat", "-C", "-F", c.bits, "-n", c.label, file, map[string]string{"12": "2048", "16": "16384", "32": "65536"}[c.bits])
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := Labelled(b); got != c.want {
			t.Errorf("%s on FAT%s: %v", c.label, c.bits, got)
		}
	}
	if Labelled(make([]byte, 512)) || Labelled(nil) || Labelled([]byte("short")) {
		t.Error("nothing is labelled")
	}
}

// Whatever the order brings, Build ends without a panic and fills no more than the
// partition.
func FuzzBuild(f *testing.F) {
	f.Add(uint32(2<<20), uint8(0), "meta-data", []byte("x"))
	f.Add(uint32(31<<20), uint8(3), "user.data", []byte{})
	f.Fuzz(func(t *testing.T, size uint32, shift uint8, name string, data []byte) {
		size %= 70 << 20
		sector := uint32(512) << (shift % 5)
		head, err := Build(uint64(size), sector, map[string][]byte{name: data, "fixed": []byte("y")})
		if err != nil {
			return
		}
		if len(head) > int(size) || len(head)%int(sector) != 0 {
			t.Errorf("%d bytes for a partition of %d in sectors of %d", len(head), size, sector)
		}
		if !Labelled(head) || !bytes.Contains(head, data) {
			t.Error("label or data missing")
		}
	})
}

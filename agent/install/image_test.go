package install

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"aead.dev/minisign"
	"github.com/klauspost/compress/zstd"

	"regain.example/images/manifest"
)

// image is a master image in a directory, as a server would hold it.
type image struct {
	dir    string
	raw    []byte
	m      manifest.Manifest
	public string
	secret minisign.PrivateKey
	sum    string // SHA-256 of the manifest, hex
}

// tool runs a program of the host, which is the oracle of these tests.
func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install gdisk, mtools, dosfstools, util-linux (make test does)", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "MTOOLS_SKIP_CHECK=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// loop makes a block device of a file, with sectors of the given size.
func loop(t testing.TB, file string, sector int) string {
	t.Helper()
	dev := strings.TrimSpace(tool(t, "losetup", "--find", "--show", "--sector-size", strconv.Itoa(sector), file))
	t.Cleanup(func() { tool(t, "losetup", "--detach", dev) })
	return dev
}

// rawDisk makes a disk of size bytes with the programs that make real ones: a
// BIOS boot partition, an ESP, a CIDATA partition and a last one, half of it
// random, half of it zeros.
func rawDisk(t testing.TB, size int64, sector int) []byte {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "raw")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	disk := file
	if sector != 512 {
		disk = loop(t, file, sector)
	}
	tool(t, "sgdisk", "-n", "1:0:+1M", "-t", "1:ef02", "-n", "2:0:+4M", "-t", "2:ef00",
		"-n", "3:0:+2M", "-t", "3:0700", "-c", "3:seed", "-n", "4:0:0", "-t", "4:8300", disk)
	if disk != file {
		tool(t, "sync", disk)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fat := func(at, size int, label string) {
		f := filepath.Join(dir, label)
		tool(t, "mkfs.vfat", "-C", "-S", strconv.Itoa(sector), "-n", label, f, strconv.Itoa(size>>10))
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		copy(raw[at:], b)
	}
	fat(2<<20, 4<<20, "EFI")
	fat(6<<20, 2<<20, "CIDATA")
	copy(raw[7<<20:], "old seed: must not survive")
	fillRandom(raw[8<<20 : 8<<20+len(raw[8<<20:])/2])
	copy(raw[440-64:], "boot code that must stay")
	return raw
}

func fillRandom(b []byte) {
	src := mrand.NewChaCha8([32]byte{1})
	src.Read(b)
}

// packed is NAME.img.zst and its frame table.
type packed struct {
	frames []manifest.Frame
	body   []byte
}

// compress packs raw as the Zstandard Seekable Format 0.1.0 says: frames, then
// their sizes in a skippable frame.
func compress(raw []byte) (p packed) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		panic(err)
	}
	le := binary.LittleEndian
	var seek []byte
	for off := 0; off < len(raw); off += manifest.FrameBytes {
		b := raw[off:min(off+manifest.FrameBytes, len(raw))]
		sum := sha256.Sum256(b)
		start := len(p.body)
		p.body = enc.EncodeAll(b, p.body)
		length := uint32(len(p.body) - start)
		p.frames = append(p.frames, manifest.Frame{Offset: uint64(start), Length: length, Raw: uint32(len(b)),
			SHA256: hex.EncodeToString(sum[:]), Zero: len(bytes.Trim(b, "\x00")) == 0})
		seek = le.AppendUint32(le.AppendUint32(seek, length), uint32(len(b)))
	}
	p.body = le.AppendUint32(le.AppendUint32(p.body, 0x184d2a5e), uint32(len(seek)+9))
	p.body = append(p.body, seek...)
	p.body = append(le.AppendUint32(p.body, uint32(len(p.frames))), 0)
	p.body = le.AppendUint32(p.body, 0x8f92eab1)
	return p
}

// pack makes the three files of a master image. Edit may change the manifest
// before it is signed.
func pack(t testing.TB, raw []byte, sector int, edit func(*manifest.Manifest)) *image {
	t.Helper()
	return publish(t, raw, compress(raw), sector, edit)
}

// publish writes the three files of an image that is packed already.
func publish(t testing.TB, raw []byte, p packed, sector int, edit func(*manifest.Manifest)) *image {
	t.Helper()
	img := &image{dir: t.TempDir(), raw: raw}
	img.m = manifest.Manifest{
		Schema: manifest.Schema, Name: "debian-test", RawBytes: uint64(len(raw)), LogicalSector: uint32(sector),
		MinDriveBytes: uint64(len(raw)), Firmware: []manifest.Firmware{manifest.BIOS, manifest.UEFI},
		Grow: 4, Identity: manifest.IdentityNoCloud, Confirm: manifest.ConfirmFirstBoot,
		Provenance: manifest.Provenance{Source: "test", SourceSHA256: strings.Repeat("0", 64), Created: "2026-01-01T00:00:00Z", Tool: "test"},
		Frames:     p.frames, CompressedBytes: uint64(len(p.body)),
	}
	if edit != nil {
		edit(&img.m)
	}
	public, secret, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := img.m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	img.public, img.secret = public.String(), secret
	img.write(t, ".img.zst", p.body)
	img.sign(t, text)
	return img
}

// sign stores text as the manifest, signed by the image's key.
func (img *image) sign(t testing.TB, text []byte) {
	sum := sha256.Sum256(text)
	img.sum = hex.EncodeToString(sum[:])
	img.write(t, ".json", text)
	img.write(t, ".json.minisig", manifest.Sign(img.secret, text, img.m.Name))
}

func (img *image) write(t testing.TB, ending string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(img.dir, img.m.Name+ending), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

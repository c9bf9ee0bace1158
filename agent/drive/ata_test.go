package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// What these drives say of themselves was read from the files with another
// program, by the word numbers of ACS-4 table 55.
func TestParseATAIdentify(t *testing.T) {
	for _, c := range []struct {
		file, model, serial, firmware string
		sectors                       uint64
		wwn                           string
	}{
		{"FUJITSU_MHY2120BH--0084000D", "FUJITSU MHY2120BH", "K434T81257SL", "0084000D", 234441648, "500000e04167f90c"},
		{"FUJITSU_MHZ2160BH_G1--0084000A", "FUJITSU MHZ2160BH G1", "K60WT8828LCB", "0084000A", 312581808, "500000e0428bc94e"},
		{"INTEL_SSDSA2CW120G3--4PC10302", "INTEL SSDSA2CW120G3", "CVPR109301UZ120LGN", "4PC10302", 234441648, "50015179594f0f14"},
		{"INTEL_SSDSA2MH080G1GC--045C8820", "INTEL SSDSA2MH080G1GC", "CVEM842101HD080DGN", "045C8820", 156301488, "5001517387d61905"},
		{"Maxtor_96147H8--BAC51KJ0", "Maxtor 96147H8", "N80BR8EC", "BAC51KJ0", 120060864, ""},
		{"SAMSUNG_HD501LJ--CR100-12", "SAMSUNG HD501LJ", "S0MUJ1NQ110060", "CR100-12", 976773168, "50000f001b110060"},
		{"SAMSUNG_MMCQE28G8MUP--0VA_VAM08L1Q", "SAMSUNG MMCQE28G8MUP-0VA", "SE837A6888", "VAM08L1Q", 250069680, ""},
		{"ST320410A--3.39", "ST320410A", "5FB3QF34", "3.39", 39100223, ""},
		{"ST9160821AS--3.CLH", "ST9160821AS", "5MAC2QTA", "3.CLH", 312581808, ""},
		{"TOSHIBA_MK1651GSY--38IGT0G5T", "TOSHIBA MK1651GSY", "38IGT0G5T", "LD001D", 312581808, "50000390e178422c"},
		{"WDC_WD5000AAKS--00TMA0-12.01C01", "WDC WD5000AAKS-00TMA0", "WD-WCAPW0493929", "12.01C01", 976773168, "50014ee2002a560a"},
	} {
		got, err := parseATAIdentify(identifyFile(t, c.file))
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		wwn := ""
		if got.wwn != 0 {
			wwn = fmt.Sprintf("%016x", got.wwn)
		}
		if got.model != c.model || got.serial != c.serial || got.firmware != c.firmware ||
			got.sectors != c.sectors || wwn != c.wwn || got.logicalSector != 512 {
			t.Errorf("%s: %+v", c.file, got)
		}
	}
}

func identifyFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".identify"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseATAIdentifyRefuses(t *testing.T) {
	whole := identifyFile(t, "SAMSUNG_HD501LJ--CR100-12")
	for name, change := range map[string]func([]byte) []byte{
		"short":           func(b []byte) []byte { return b[:511] },
		"packet device":   func(b []byte) []byte { b[1] |= 0x80; b[511] += 0x80; return b },
		"a flipped bit":   func(b []byte) []byte { b[60] ^= 1; return b },
		"nothing at all":  func([]byte) []byte { return nil },
		"twice the bytes": func(b []byte) []byte { return append(b, b...) },
	} {
		if got, err := parseATAIdentify(change(append([]byte(nil), whole...))); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestFourKibibyteSectors(t *testing.T) {
	b := identifyFile(t, "SAMSUNG_HD501LJ--CR100-12")
	put := func(word int, v uint16) { b[2*word], b[2*word+1] = byte(v), byte(v>>8) }
	put(106, 0x5000) // valid, logical sectors longer than 256 words
	put(117, 2048)   // words
	put(118, 0)
	put(255, 0)
	got, err := parseATAIdentify(b)
	if err != nil || got.logicalSector != 4096 {
		t.Errorf("%+v, %v", got, err)
	}
}

// oneAnswer is a host whose every disk gives the same IDENTIFY data.
type oneAnswer []byte

func (a oneAnswer) ATAIdentify(string) ([]byte, error)  { return a, nil }
func (a oneAnswer) NVMe(string) (nvme.Transport, error) { return nil, os.ErrNotExist }

func TestUSBSerial(t *testing.T) {
	data := identifyFile(t, "SAMSUNG_HD501LJ--CR100-12")
	root := t.TempDir()
	block := filepath.Join(root, "usb1/1-2/1-2:1.0/host0/target0:0:0/0:0:0:0/block/sda")
	if err := os.MkdirAll(filepath.Join(block, "device"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "usb1/1-2/serial"), []byte("DOCK77\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := NewHost(root, root, oneAnswer(data))
	for _, c := range []struct {
		size   uint64
		serial string
		bridge bool
	}{
		{976773168 * 512, "S0MUJ1NQ110060", false},
		{976773168*512 - 512, "DOCK77", true}, // the answer is not about this disk
	} {
		d := api.Drive{Node: "sda", Bus: api.BusUSB, SizeBytes: c.size}
		h.identify(&d, block)
		if d.Serial != c.serial || d.SerialOfBridge != c.bridge || d.Named() == c.bridge {
			t.Errorf("%d bytes: %+v", c.size, d)
		}
	}
}

func FuzzATAIdentify(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.identify")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := parseATAIdentify(b)
		if err != nil {
			return
		}
		for _, s := range []string{id.model, id.serial, id.firmware} {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q is not printable", s)
			}
		}
	})
}

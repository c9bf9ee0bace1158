package drive

import (
	"encoding/binary"
	"errors"
	"testing"

	"regain.example/agent/api"
)

// identifyWith is IDENTIFY DEVICE data with some words (ACS-4 table 55).
func identifyWith(words map[int]uint16) []byte {
	b := make([]byte, 512)
	for n, w := range words {
		binary.LittleEndian.PutUint16(b[2*n:], w)
	}
	return b
}

func TestNativeMaxCommand(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want uint8
	}{
		"HPA":                      {identifyWith(map[int]uint16{82: 1 << 10, 83: 1<<14 | 1<<10}), 0x27},
		"HPA with 28-bit only":     {identifyWith(map[int]uint16{82: 1 << 10, 83: 1 << 14}), 0},
		"accessible max address":   {identifyWith(map[int]uint16{119: 1<<14 | 1<<8}), 0x78},
		"both":                     {identifyWith(map[int]uint16{82: 1 << 10, 83: 1<<14 | 1<<10, 119: 1<<14 | 1<<8}), 0x78},
		"words that are not valid": {identifyWith(map[int]uint16{82: 1 << 10, 83: 1<<15 | 1<<10, 119: 3<<14 | 1<<8}), 0},
		"neither":                  {identifyWith(map[int]uint16{83: 1<<14 | 1<<10, 119: 1 << 14}), 0},
		"no disk":                  {identifyWith(map[int]uint16{0: 1 << 15, 119: 1<<14 | 1<<8}), 0},
		"nothing":                  {nil, 0},
	} {
		if got, ok := nativeMaxCommand(c.data); got != c.want || ok != (c.want != 0) {
			t.Errorf("%s: %#x", name, got)
		}
	}
}

// The sense data follow SAT-4 section 12.2.2.7: the answer of a disk of 0x123456789abd
// sectors.
const nativeMaxSense = "\x72\x01\x00\x1d\x00\x00\x00\x0e" +
	"\x09\x0c\x01\x00\x00\x00\x56\xbc\x34\x9a\x12\x78\x40\x50"

func TestReturnedLBA(t *testing.T) {
	const information = "\x00\x0a\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	for name, sense := range map[string]string{
		"alone":                    nativeMaxSense,
		"after another descriptor": nativeMaxSense[:8] + information + nativeMaxSense[8:],
	} {
		if lba, err := returnedLBA([]byte(sense)); err != nil || lba != 0x123456789abc {
			t.Errorf("%s: %#x, %v", name, lba, err)
		}
	}
	refused := []byte(nativeMaxSense)
	refused[21], refused[11] = 0x51, 4
	for name, sense := range map[string][]byte{
		"refused":      refused,
		"fixed format": append([]byte("\x70\x00\x01"), make([]byte, 20)...),
		"no registers": []byte(nativeMaxSense[:8] + information),
		"cut short":    []byte(nativeMaxSense[:20]),
		"nothing":      nil,
	} {
		if lba, err := returnedLBA(sense); err == nil {
			t.Errorf("%s: %#x", name, lba)
		}
	}
}

func FuzzReturnedLBA(f *testing.F) {
	f.Add([]byte(nativeMaxSense))
	f.Add([]byte("\x72\x01\x00\x1d\x00\x00\x00\x0e\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if lba, err := returnedLBA(b); lba >= 1<<48 || err != nil && lba != 0 {
			t.Errorf("%#x, %v", lba, err)
		}
	})
}

// nativeDisk answers for its native size, too.
type nativeDisk struct {
	oneAnswer
	last uint64
	err  error
}

func (d nativeDisk) ATANativeMax(string, uint8) (uint64, error) { return d.last, d.err }

func TestNativeBytes(t *testing.T) {
	hpa := oneAnswer(identifyWith(map[int]uint16{82: 1 << 10, 83: 1<<14 | 1<<10}))
	plain := oneAnswer(identifyWith(nil))
	ata := api.Drive{Node: "sda", Bus: api.BusATA, SizeBytes: 4096 * 512, LogicalSector: 512}
	usb := ata
	usb.Bus = api.BusUSB
	for name, c := range map[string]struct {
		ask  Asker
		d    api.Drive
		want uint64
	}{
		"hidden by a host protected area": {nativeDisk{hpa, 8191, nil}, ata, 8192 * 512},
		"all of it":                       {nativeDisk{hpa, 4095, nil}, ata, 4096 * 512},
		"no such command":                 {nativeDisk{plain, 8191, nil}, ata, 0},
		"refused":                         {nativeDisk{hpa, 0, errors.New("refused")}, ata, 0},
		"zeros for registers":             {nativeDisk{hpa, 0, nil}, ata, 0},
		"cannot be asked":                 {hpa, ata, 0},
		"behind a bridge":                 {nativeDisk{hpa, 8191, nil}, usb, 0},
		"NVMe":                            {hpa, api.Drive{Bus: api.BusNVMe, NVMe: &api.NVMe{TotalBytes: 77}}, 77},
	} {
		if got := NewHost(t.TempDir(), t.TempDir(), c.ask).NativeBytes(c.d); got != c.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}

package nvme

import (
	"encoding/binary"
	"testing"
)

// namespaceData writes Identify Namespace data by the byte numbers of NVM figure
// 97.
func namespaceData(change func(b []byte)) []byte {
	b := make([]byte, 4096)
	binary.LittleEndian.PutUint64(b, 1<<31)          // NSZE
	b[25] = 1                                        // NLBAF: two formats
	binary.LittleEndian.PutUint32(b[128:], 9<<16)    // 512 bytes
	binary.LittleEndian.PutUint32(b[132:], 12<<16|8) // 4,096 bytes and 8 of metadata
	change(b)
	return b
}

func TestParseNamespace(t *testing.T) {
	for name, c := range map[string]struct {
		change func([]byte)
		want   Namespace
	}{
		"first format":  {func([]byte) {}, Namespace{Blocks: 1 << 31, LBADataSize: 512}},
		"second format": {func(b []byte) { b[26] = 1 }, Namespace{Blocks: 1 << 31, LBAFormat: 1, LBADataSize: 4096, Metadata: 8}},
		"bits 6:5 mean nothing with few formats": {func(b []byte) { b[26] = 0x61 },
			Namespace{Blocks: 1 << 31, LBAFormat: 1, LBADataSize: 4096, Metadata: 8}},
		"format 17 of 18": {func(b []byte) {
			b[25], b[26] = 17, 0x21
			binary.LittleEndian.PutUint32(b[128+4*17:], 12<<16)
		}, Namespace{Blocks: 1 << 31, LBAFormat: 17, LBADataSize: 4096}},
		"metadata in the data, protection": {func(b []byte) { b[26], b[29] = 0x11, 0xa },
			Namespace{Blocks: 1 << 31, LBAFormat: 1, LBADataSize: 4096, Metadata: 8, MetadataExt: true, Protection: 0xa}},
	} {
		if got, err := ParseNamespace(namespaceData(c.change)); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, b := range map[string][]byte{
		"inactive":              make([]byte, 4096),
		"short":                 make([]byte, 4095),
		"format does not exist": namespaceData(func(b []byte) { b[26] = 2 }),
		"format does not exist, its slot is filled": namespaceData(func(b []byte) {
			b[26] = 2
			binary.LittleEndian.PutUint32(b[136:], 12<<16)
		}),
		"block of 2^0":   namespaceData(func(b []byte) { b[130] = 0 }),
		"block of 2^255": namespaceData(func(b []byte) { b[130] = 255 }),
	} {
		if got, err := ParseNamespace(b); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestParseController(t *testing.T) {
	b := make([]byte, 4096)
	b[256], b[257], b[524], b[328] = 0x1e, 0x01, 0x04, 0x03
	b[280], b[287] = 0x10, 0x01 // TNVMCAP 2^56 + 16
	b[304] = 1                  // UNVMCAP beyond 64 bits
	want := Controller{OACS: 0x11e, FNA: 4, SANICAP: 3, TotalBytes: 1<<56 + 16, Unalloc: ^uint64(0)}
	if got, err := ParseController(b); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := ParseController(b[:512]); err == nil {
		t.Error("512 bytes are taken")
	}
}

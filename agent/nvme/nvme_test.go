package nvme

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
)

// struct nvme_passthru_cmd has 72 bytes, and NVME_IOCTL_ADMIN_CMD is 0xC0484E41
// (linux/nvme_ioctl.h).
func TestPassthruLayout(t *testing.T) {
	var p passthru
	for name, at := range map[string][2]uintptr{
		"size":       {unsafe.Sizeof(p), 72},
		"nsid":       {unsafe.Offsetof(p.nsid), 4},
		"metadata":   {unsafe.Offsetof(p.metadata), 16},
		"addr":       {unsafe.Offsetof(p.addr), 24},
		"data_len":   {unsafe.Offsetof(p.dataLen), 36},
		"cdw10":      {unsafe.Offsetof(p.cdw10), 40},
		"timeout_ms": {unsafe.Offsetof(p.timeoutMs), 64},
		"result":     {unsafe.Offsetof(p.result), 68},
		"ioctl":      {ioctlAdmin, 0xC0484E41},
	} {
		if at[0] != at[1] {
			t.Errorf("%s: %#x, not %#x", name, at[0], at[1])
		}
	}
}

// Bit positions by Base figure 183.
func TestFormatCommand(t *testing.T) {
	for name, c := range map[string]struct {
		n    api.NVMe
		ses  SecureErase
		want uint32
	}{
		"plain":              {api.NVMe{}, EraseUserData, 0x200},
		"cryptographic":      {api.NVMe{}, EraseCrypto, 0x400},
		"LBA format 4":       {api.NVMe{LBAFormat: 4}, EraseUserData, 0x204},
		"LBA format 35":      {api.NVMe{LBAFormat: 0x23}, EraseUserData, 0x2203},
		"metadata in data":   {api.NVMe{MetadataExt: true}, EraseUserData, 0x210},
		"protection type 1":  {api.NVMe{Protection: 1}, EraseUserData, 0x220},
		"type 3, first half": {api.NVMe{Protection: 0xb}, EraseUserData, 0x360},
	} {
		c.n.NSID = 5
		got := Format(c.n, c.ses, 1<<40)
		if got.CDW10 != c.want || got.Opcode != 0x80 || got.NSID != 5 {
			t.Errorf("%s: %+v, not CDW10 %#x", name, got, c.want)
		}
	}
	if short, long := Format(api.NVMe{}, 1, 0).Timeout, Format(api.NVMe{}, 1, 1<<40).Timeout; short < 10*time.Minute || long < 5*time.Hour {
		t.Errorf("timeouts %v and %v", short, long)
	}
}

func TestCanFormat(t *testing.T) {
	for _, c := range []struct {
		oacs        uint16
		fna         uint8
		user, crypt bool
	}{
		{0, 0, false, false}, {0, 4, false, false}, {2, 0, true, false}, {2, 4, true, true}, {0xfffd, 0xff, false, false},
	} {
		n := api.NVMe{OACS: c.oacs, FNA: c.fna}
		if CanFormat(n, EraseUserData) != c.user || CanFormat(n, EraseCrypto) != c.crypt {
			t.Errorf("OACS %#x FNA %#x", c.oacs, c.fna)
		}
	}
	for fna, all := range map[uint8]bool{0: false, 1: true, 2: true, 4: false, 7: true} {
		if FormatsAll(api.NVMe{FNA: fna}) != all {
			t.Errorf("FNA %#x", fna)
		}
	}
}

// Status fields as the kernel hands them on: DNR in bit 14, M 13, CRD 12:11, SCT
// 10:8, SC 7:0 (Base figure 94, without the phase bit).
func TestStatus(t *testing.T) {
	for field, c := range map[uint16]struct {
		status  Status
		refused bool
	}{
		0x4001:                          {StatusInvalidOpcode, true},
		0x4002:                          {StatusInvalidField, true},
		0x2002:                          {StatusInvalidField, true},
		0x410a:                          {StatusInvalidFormat, true},
		0x4286:                          {StatusAccessDenied, true},
		0x0006:                          {StatusInternalError, false},
		0x0007:                          {StatusAborted, false},
		0x0084:                          {StatusFormatInProgress, false},
		0x401d:                          {StatusSanitizeInProgress, false},
		0x7fff & ^uint16(0x300) | 0x200: {0x6ff, false},
	} {
		err := statusError(OpcodeFormatNVM, field)
		var answer *StatusError
		if !errors.As(err, &answer) || answer.Status != c.status || RefusedBeforeStart(err) != c.refused {
			t.Errorf("%#x: %v", field, err)
		}
	}
	if err := statusError(OpcodeFormatNVM, 0); err != nil {
		t.Error(err)
	}
	// Path-related: Host Aborted Command and Host Path Error are the kernel's.
	for _, err := range []error{
		statusError(OpcodeFormatNVM, 0x371), statusError(OpcodeFormatNVM, 0x370),
		unix.EINTR, unix.EIO, unix.ENODEV, errors.New("anything"), nil,
	} {
		var answer *StatusError
		if RefusedBeforeStart(err) || errors.As(err, &answer) {
			t.Errorf("%v passes for an answer of the drive", err)
		}
	}
	wrapped := fmt.Errorf("format: %w", &StatusError{OpcodeFormatNVM, StatusInvalidOpcode})
	if !RefusedBeforeStart(wrapped) || !strings.Contains(wrapped.Error(), "Invalid Command Opcode (001h)") {
		t.Error(wrapped)
	}
	if got := Status(0x712).String(); got != "status code type 7, status code 12h" {
		t.Error(got)
	}
}

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
		"block of 2^0":          namespaceData(func(b []byte) { b[130] = 0 }),
		"block of 2^255":        namespaceData(func(b []byte) { b[130] = 255 }),
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

func FuzzIdentify(f *testing.F) {
	f.Add(namespaceData(func([]byte) {}))
	f.Add(make([]byte, 4096))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNamespace(b)
		if err == nil && (n.LBADataSize < 512 || n.LBADataSize&(n.LBADataSize-1) != 0 || n.LBAFormat > 63) {
			t.Errorf("%+v", n)
		}
		_, errC := ParseController(b)
		active, errA := ParseNamespaceList(b)
		if (errC == nil) != (len(b) == 4096) || (errA == nil && len(b) != 4096) || len(active) > 1024 {
			t.Errorf("%d bytes: %v, %v", len(b), errC, errA)
		}
	})
}

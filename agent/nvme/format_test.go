package nvme

import (
	"testing"
	"time"
	"unsafe"

	"regain.example/agent/api"
)

// struct nvme_passthru_cmd has 72 bytes, NVME_IOCTL_ADMIN_CMD is 0xC0484E41 and
// NVME_IOCTL_IO_CMD is 0xC0484E43 (linux/nvme_ioctl.h).
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
		"cdw12":      {unsafe.Offsetof(p.cdw12), 48},
		"admin":      {ioctlAdmin, 0xC0484E41},
		"io":         {ioctlIO, 0xC0484E43},
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
	for fna, all := range map[uint8][2]bool{0: {}, 1: {true, false}, 2: {true, true}, 4: {}, 7: {true, true}} {
		n := api.NVMe{FNA: fna}
		if FormatsAll(n) != all[0] || ErasesAll(n) != all[1] {
			t.Errorf("FNA %#x", fna)
		}
	}
}

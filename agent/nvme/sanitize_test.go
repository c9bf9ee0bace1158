package nvme

import (
	"testing"
	"time"

	"regain.example/agent/api"
)

// Base section 5.24: SANACT 2:0, AUSE 3, OWPASS 7:4, OIPBP 8, NDAS 9; PREQ 11 is
// younger.
func TestSanitizeCommand(t *testing.T) {
	for action, want := range map[SanitizeAction]uint32{
		ExitFailureMode: 0x09, SanitizeBlock: 0x0a, SanitizeOverwrite: 0x1b, SanitizeCrypto: 0x0c,
	} {
		got := Sanitize(action, false)
		if got.CDW10 != want || got.Opcode != 0x84 || got.NSID != 0 || got.CDW11 != 0 || got.Timeout < time.Minute {
			t.Errorf("action %d: %+v, not CDW10 %#x", action, got, want)
		}
		passes := got.CDW10 >> 4 & 0xf
		if got.CDW10&8 == 0 || action == SanitizeOverwrite && passes == 0 || got.CDW10>>8 != 0 {
			t.Errorf("action %d: CDW10 %#x", action, got.CDW10)
		}
		if purge := Sanitize(action, true); purge.CDW10 != want|1<<11 {
			t.Errorf("action %d: CDW10 %#x with Purge Required", action, purge.CDW10)
		}
	}
	for sanicap, want := range map[uint32]bool{0: false, 7: false, 0x20: true, 0xffffffdf: false} {
		if CanRequirePurge(api.NVMe{SANICAP: sanicap}) != want {
			t.Errorf("SANICAP %#x: Purge Required is known: %v", sanicap, !want)
		}
	}
}

// SANICAP by Base figure 275: bit 0 crypto erase, 1 block erase, 2 overwrite.
func TestCanSanitize(t *testing.T) {
	for sanicap, want := range map[uint32][4]bool{ // exit, block, overwrite, crypto
		0: {}, 1: {true, false, false, true}, 2: {true, true, false, false}, 4: {true, false, true, false},
		7: {true, true, true, true}, 0xfffffff8: {},
	} {
		n := api.NVMe{SANICAP: sanicap}
		for i, action := range []SanitizeAction{ExitFailureMode, SanitizeBlock, SanitizeOverwrite, SanitizeCrypto} {
			if CanSanitize(n, action) != want[i] {
				t.Errorf("SANICAP %#x, action %d", sanicap, action)
			}
		}
		if CanSanitize(n, 0) || CanSanitize(n, 5) {
			t.Errorf("SANICAP %#x: a reserved action", sanicap)
		}
	}
}

func TestActionOf(t *testing.T) {
	for m, want := range map[api.Method]SanitizeAction{
		api.MethodSanitizeBlock: 2, api.MethodSanitizeOverwrite: 3, api.MethodSanitizeCrypto: 4,
		api.MethodFormat: 0, api.MethodFormatCrypto: 0, api.MethodOverwrite: 0, "": 0,
	} {
		if got, ok := ActionOf(m); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", m, got, ok)
		}
	}
}

// The bytes are those that an INTEL SSDPEKNW010T8 answered, which hung (nvme-cli
// issue 3027), and those of a drive that was done (libnvme issue 979).
func TestParseSanitizeLog(t *testing.T) {
	page := func(first string) []byte {
		b := make([]byte, 512)
		copy(b, first)
		return b
	}
	none := "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	for name, c := range map[string]struct {
		page      []byte
		want      SanitizeLog
		state     SanitizeState
		succeeded bool
	}{
		"hangs": {page("\x8f\x02\x02\x00\x02\x00\x00\x00" + none),
			SanitizeLog{Progress: 655, Status: 2, Arguments: 2}, SanitizeInProgress, false},
		"done": {page("\xff\xff\x01\x01\x02\x00\x00\x00" + none),
			SanitizeLog{Progress: 0xffff, Status: 0x101, Arguments: 2}, Sanitized, true},
		"done, deallocated": {page("\xff\xff\x04\x01\x0a\x02\x00\x00" + none),
			SanitizeLog{Progress: 0xffff, Status: 0x104, Arguments: 0x20a}, SanitizedDeallocated, true},
		"failed": {page("\xff\xff\x03\x00\x0c\x00\x00\x00" + none),
			SanitizeLog{Progress: 0xffff, Status: 3, Arguments: 0xc}, SanitizeFailed, false},
		"purged": {page("\xff\xff\x01\x09\x0c\x08\x00\x00" + none),
			SanitizeLog{Progress: 0xffff, Status: 0x901, Arguments: 0x80c}, Sanitized, true},
		"reserved state": {page("\xff\xff\x05\x00\x00\x00\x00\x00" + none),
			SanitizeLog{Progress: 0xffff, Status: 5}, 5, false},
		"all zero": {page(""), SanitizeLog{}, NeverSanitized, false},
		"estimates": {page("\xff\xff\x00\x00\x00\x00\x00\x00\x10\x0e\x00\x00\x3c\x00\x00\x00\x02\x00\x00\x00"),
			SanitizeLog{Progress: 0xffff, Overwrite: time.Hour, Block: time.Minute, Crypto: 2 * time.Second}, NeverSanitized, false},
	} {
		got, err := ParseSanitizeLog(c.page)
		if err != nil || got != c.want || got.State() != c.state || got.Succeeded() != c.succeeded {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	log := SanitizeLog{Overwrite: 16 * time.Hour, Block: time.Minute, Crypto: time.Second}
	for action, want := range map[SanitizeAction]time.Duration{
		SanitizeOverwrite: time.Hour, SanitizeBlock: time.Minute, SanitizeCrypto: time.Second, ExitFailureMode: 0,
	} {
		if log.Expected(action) != want {
			t.Errorf("action %d: %v", action, log.Expected(action))
		}
	}
	for _, n := range []int{0, 20, 511, 513, 4096} {
		if _, err := ParseSanitizeLog(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are taken", n)
		}
	}
	if got := SanitizeInProgress.String() + ", " + SanitizeState(6).String(); got != "sanitize in progress, sanitize state 6" {
		t.Error(got)
	}
}

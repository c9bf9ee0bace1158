package tftp

import (
	"errors"
	"strings"
	"testing"
)

// The packets are built after RFC 1350 section 5 and RFC 2347 section 2; the
// first is what EDK2 was seen to send.
func TestParse(t *testing.T) {
	for _, test := range []struct {
		packet string
		want   request
		passed string
	}{
		{"\x00\x01snponly.efi\x00octet\x00tsize\x000\x00blksize\x001468\x00", request{name: "snponly.efi", block: 1468, size: true}, "\x00\x01snponly.efi\x00octet\x00blksize\x001468\x00tsize\x000\x00"},
		{"\x00\x01a\x00OCTET\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00BlkSize\x0065464\x00", request{name: "a", block: 1468}, "\x00\x01a\x00octet\x00blksize\x001468\x00"},
		{"\x00\x01a\x00octet\x00blksize\x00511\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00blksize\x0065465\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00blksize\x00-1\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00blksize\x00600\x00blksize\x00900\x00", request{name: "a", block: 600}, "\x00\x01a\x00octet\x00blksize\x00600\x00"},
		{"\x00\x01a\x00octet\x00tsize\x007\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00timeout\x003\x00multicast\x00\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00blksize\x001468\x00windowsize\x004\x00", request{name: "a", block: 1468, window: 4}, "\x00\x01a\x00octet\x00blksize\x001468\x00"},
		{"\x00\x01a\x00octet\x00windowsize\x0065535\x00tsize\x000\x00", request{name: "a", window: maxWindow, size: true}, "\x00\x01a\x00octet\x00tsize\x000\x00"},
		{"\x00\x01a\x00octet\x00windowsize\x002\x00", request{name: "a", window: 2}, "\x00\x01a\x00octet\x00blksize\x00512\x00"},
		{"\x00\x01a\x00octet\x00windowsize\x001\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00windowsize\x0065536\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00windowsize\x00-4\x00", request{name: "a"}, "\x00\x01a\x00octet\x00"},
		{"\x00\x01a\x00octet\x00blksize", request{name: "a"}, "\x00\x01a\x00octet\x00"},
	} {
		r, err := parse([]byte(test.packet))
		if err != nil || r != test.want {
			t.Errorf("%q: %+v, %v", test.packet, r, err)
		}
		if got := string(r.packet()); got != test.passed {
			t.Errorf("%q is passed on as %q, want %q", test.packet, got, test.passed)
		}
	}
	for packet, want := range map[string]error{
		"": errNotRead, "\x00": errNotRead, "\x00\x01": errNotRead, "\x00\x01a": errNotRead, "\x00\x01a\x00octet": errNotRead,
		"\x00\x02a\x00octet\x00": errNotRead, "\x01\x01a\x00octet\x00": errNotRead, "\x00\x04\x00\x01": errNotRead,
		"\x00\x01" + strings.Repeat("a", 512) + "\x00octet\x00": errLong,
		"\x00\x01a\x00netascii\x00":                             errMode, "\x00\x01a\x00\x00": errMode,
	} {
		if _, err := parse([]byte(packet)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", packet, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("\x00\x01undionly.kpxe\x00octet\x00blksize\x001432\x00tsize\x000\x00"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		r, err := parse(packet)
		if err != nil {
			return
		}
		if r.block != 0 && (r.block < minBlock || r.block > maxBlock) {
			t.Errorf("%q: %+v", packet, r)
		}
		if r.window != 0 && (r.window < 2 || r.window > maxWindow) {
			t.Errorf("%q: %+v", packet, r)
		}
		want := r // what the library is to see
		if want.onlyWindow() {
			want.block = minBlock
		}
		want.window = 0
		if again, err := parse(r.packet()); err != nil || again != want {
			t.Errorf("%q: passed on as %q, %v", packet, r.packet(), err)
		}
	})
}

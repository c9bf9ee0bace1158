package tftp

import (
	"errors"
	"testing"
	"time"
)

// The packets are built after RFC 1350 section 5 and RFC 2347 section 2; the
// first is what EDK2 was seen to send.
func TestParse(t *testing.T) {
	for _, test := range []struct {
		packet string
		want   request
		oack   string
	}{
		{"\x00\x01snponly.efi\x00octet\x00tsize\x000\x00blksize\x001468\x00", request{name: "snponly.efi", block: 1468, retry: time.Second}, "\x00\x06tsize\x0077\x00blksize\x001468\x00"},
		{"\x00\x01a\x00OCTET\x00", request{name: "a", block: 512, retry: time.Second}, ""},
		{"\x00\x01a\x00octet\x00BlkSize\x0065464\x00", request{name: "a", block: 1468, retry: time.Second}, "\x00\x06blksize\x001468\x00"},
		{"\x00\x01a\x00octet\x00blksize\x007\x00", request{name: "a", block: 512, retry: time.Second}, ""},
		{"\x00\x01a\x00octet\x00blksize\x0065465\x00", request{name: "a", block: 512, retry: time.Second}, ""},
		{"\x00\x01a\x00octet\x00blksize\x00-1\x00", request{name: "a", block: 512, retry: time.Second}, ""},
		{"\x00\x01a\x00octet\x00blksize\x00600\x00blksize\x00900\x00", request{name: "a", block: 600, retry: time.Second}, "\x00\x06blksize\x00600\x00"},
		{"\x00\x01a\x00octet\x00timeout\x003\x00", request{name: "a", block: 512, retry: 3 * time.Second}, "\x00\x06timeout\x003\x00"},
		{"\x00\x01a\x00octet\x00timeout\x00255\x00", request{name: "a", block: 512, retry: maxRetry}, ""},
		{"\x00\x01a\x00octet\x00windowsize\x0016\x00multicast\x00\x00", request{name: "a", block: 512, retry: time.Second}, ""},
		{"\x00\x01a\x00octet\x00blksize", request{name: "a", block: 512, retry: time.Second}, ""},
	} {
		r, err := parse([]byte(test.packet))
		if err != nil || r.name != test.want.name || r.block != test.want.block || r.retry != test.want.retry {
			t.Errorf("%q: %+v, %v", test.packet, r, err)
		}
		if got := string(r.acknowledgement(77)); got != test.oack {
			t.Errorf("%q is acknowledged by %q, want %q", test.packet, got, test.oack)
		}
	}
	for packet, want := range map[string]error{
		"": errNotRead, "\x00": errNotRead, "\x00\x01": errNotRead, "\x00\x01a": errNotRead, "\x00\x01a\x00octet": errNotRead,
		"\x00\x02a\x00octet\x00": errNotRead, "\x01\x01a\x00octet\x00": errNotRead, "\x00\x04\x00\x01": errNotRead,
		"\x00\x01a\x00netascii\x00": errMode, "\x00\x01a\x00\x00": errMode,
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
		if r.block < minBlock || r.block > maxBlock || r.retry < time.Second || r.retry > maxRetry || len(r.acknowledgement(1<<40)) > 200 {
			t.Errorf("%q: %+v", packet, r)
		}
	})
}

package httpboot

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

// FuzzQuery: whatever iPXE says, the machine is the lease's, what is kept of it is
// short and printable, and no script but the entry holds anything of it but in an
// echo.
func FuzzQuery(f *testing.F) {
	f.Add("mac=" + macText + "&platform=efi&uuid=00112233-4455-6677-8899-aabbccddeeff&serial=5343&manufacturer=44656c6c&product=")
	f.Add("mac=" + macText + "&serial=" + strings.Repeat("41", 5000))
	f.Add("mac=" + macText + "&serial=c3&product=0a0d00ff")
	f.Add("mac=52:54:00:00:00:08;mac=" + macText)
	f.Add("mac=52540000000700000000&mac=x")
	f.Add("%zz&&==&mac=%00")
	mac, _ := net.ParseMAC(macText)
	addr := netip.MustParseAddr("192.0.2.1") // httptest.NewRequest's
	h := New(Config{
		Scripts:  script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")},
		Machines: boottest.Machines{addr: {MAC: mac, Addr: addr, Arch: boot.ArchEFI64}},
	})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/boot.ipxe", nil)
		r.URL.RawQuery = query
		c, err := h.client(r)
		if c.MAC.String() != macText || c.Addr != addr {
			t.Fatalf("the lease's machine became %+v", c)
		}
		for _, s := range []string{c.Serial, c.Manufacturer, c.Product, c.UUID} {
			if len(s) > maxField || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("kept %q", s)
			}
		}
		if err == nil {
			if q, perr := url.ParseQuery(query); perr == nil && !strings.EqualFold(q.Get("mac"), macText) {
				if m, merr := net.ParseMAC(q.Get("mac")); merr != nil || m.String() != macText {
					t.Errorf("%q passed for the lease's machine", query)
				}
			}
			return
		}
		text, serr := h.scripts.IPXE(boot.Decision{Reason: err.Error()}, c.Arch, "")
		if serr != nil || strings.Count(text, "\n") != 6 {
			t.Errorf("the refusal of %q is %q, %v", query, text, serr)
		}
	})
}

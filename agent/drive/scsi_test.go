package drive

import (
	"strings"
	"testing"
)

// The pages follow SPC-5 tables 592 (80h) and 521 to 524 (83h).
func TestVitalProductData(t *testing.T) {
	t10 := "\x02\x01\x00\x05ATA  "
	naaTarget := "\x61\x93\x00\x08\x50\x00\xc5\x00\x00\x00\x00\x01"
	naa5 := "\x01\x03\x00\x08\x50\x00\xc5\x00\xaa\xbb\xcc\xdd"
	naa6 := "\x01\x03\x00\x10\x60\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
	page := func(code byte, body string) []byte {
		return append([]byte{0, code, byte(len(body) >> 8), byte(len(body))}, body...)
	}
	for name, c := range map[string]struct {
		page []byte
		want string
	}{
		"NAA":                        {page(0x83, naa5), "naa.5000c500aabbccdd"},
		"NAA of 16 bytes":            {page(0x83, naa6), "naa.600102030405060708090a0b0c0d0e0f"},
		"after others":               {page(0x83, t10+naaTarget+naa5), "naa.5000c500aabbccdd"},
		"the target's only":          {page(0x83, t10+naaTarget), ""},
		"another page":               {page(0x80, naa5), ""},
		"cut short":                  {page(0x83, naa5)[:10], ""},
		"length beyond the page":     {page(0x83, "\x01\x03\x00\xff\x50"), ""},
		"nothing":                    {nil, ""},
		"longer than its own length": {append(page(0x83, t10), naa5...), ""},
	} {
		if got := worldWideName(c.page); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	if got := unitSerial(page(0x80, "  AB\x00\x1b[31m12 ")); got != "AB[31m12" {
		t.Errorf("serial %q", got)
	}
}

func FuzzVitalProductData(f *testing.F) {
	f.Add([]byte("\x00\x83\x00\x0c\x01\x03\x00\x08\x50\x00\xc5\x00\xaa\xbb\xcc\xdd"))
	f.Add([]byte("\x00\x80\x00\x04ABCD"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if name := worldWideName(b); name != "" && !strings.HasPrefix(name, "naa.") {
			t.Errorf("%q", name)
		}
		if s := unitSerial(b); strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is not printable", s)
		}
	})
}

// Sense data after SPC-5 section 4.4.
func TestRefusedSense(t *testing.T) {
	for name, c := range map[string]struct {
		status uint8
		sense  string
		want   bool
	}{
		"good":                                  {0, "", false},
		"no sense at all":                       {2, "", true},
		"recovered error, descriptor format":    {2, "\x72\x01\x00\x1d", false},
		"recovered error, fixed format":         {2, "\x70\x00\x01", false},
		"illegal request, fixed format":         {2, "\x70\x00\x05", true},
		"illegal request, descriptor format":    {2, "\x72\x05\x20\x00", true},
		"aborted command, descriptor format":    {2, "\x72\x0b\x00\x00", true},
		"medium error, deferred and descriptor": {2, "\x73\x03\x00\x00", true},
	} {
		if got := refused(c.status, []byte(c.sense)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

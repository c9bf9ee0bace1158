package cmdline

import (
	"errors"
	"testing"
)

// TestMedia: only an agent that was started from a stick may do without a
// controller's address; half of the parameters is a mistake in every case.
func TestMedia(t *testing.T) {
	for line, want := range map[string]struct {
		enrols bool
		err    error
	}{
		"BOOT_IMAGE=/vmlinuz regain.media=0123456789abcdef":                   {true, nil},
		"regain.controller=https://10.0.0.1:8443 regain.pin=p regain.token=t": {false, nil},
		"quiet": {false, ErrMissing},
		"regain.media=0123456789abcdef regain.pin=p":                            {false, ErrMissing},
		"regain.media=0123456789abcdef regain.controller=https://10.0.0.1:8443": {false, ErrMissing},
	} {
		p, err := Parse(line)
		if !errors.Is(err, want.err) {
			t.Errorf("%q: %v, want %v", line, err, want.err)
			continue
		}
		if err == nil && p.Enrols() != want.enrols {
			t.Errorf("%q: enrols is %v", line, p.Enrols())
		}
		if again, err2 := Parse(p.String()); err == nil && !want.enrols && (err2 != nil || again != p) {
			t.Errorf("%q: written and read again it is %+v, %v", line, again, err2)
		}
	}
}

package explain

import (
	"fmt"

	"regain.example/agent/api"
)

// Reading is one figure of a drive's health, before and after the erasure.
type Reading struct {
	Name, Before, After string
	// Worse says in words that the figure became worse, or is bad by itself;
	// "" if not.
	Worse string
}

const (
	untold = "not told" // the drive does not tell this figure
	unread = "not read" // nothing was read at all at that time
)

// Health compares what a drive said of its condition. Figures that it told
// neither before nor after are left out.
func Health(before, after *api.Health) []Reading {
	var none api.Health
	b, a := before, after
	if b == nil {
		b = &none
	}
	if a == nil {
		a = &none
	}
	var all []Reading
	add := func(name string, before, after *uint64, unit string, grows bool) {
		if before == nil && after == nil {
			return
		}
		r := Reading{Name: name, Before: figure(before, unit), After: figure(after, unit)}
		if grows && before != nil && after != nil && *after > *before {
			r.Worse = fmt.Sprintf("%s more than before", thousands(*after-*before))
		}
		all = append(all, r)
	}
	add("Power-on hours", b.PowerOnHours, a.PowerOnHours, "", false)
	add("Wear", widen(b.UsedPercent), widen(a.UsedPercent), " %", false)
	add("Spare blocks left", widen(b.SparePercent), widen(a.SparePercent), " %", false)
	add("Media errors", b.MediaErrors, a.MediaErrors, "", true)
	add("Reallocated sectors", b.ReallocatedSectors, a.ReallocatedSectors, "", true)
	add("Pending sectors", b.PendingSectors, a.PendingSectors, "", true)
	add("Unsafe shutdowns", b.UnsafeShutdowns, a.UnsafeShutdowns, "", false)
	if b.Celsius != nil || a.Celsius != nil {
		all = append(all, Reading{Name: "Temperature", Before: celsius(b.Celsius), After: celsius(a.Celsius)})
	}
	if r, told := warning(b.CriticalWarning, a.CriticalWarning); told {
		all = append(all, r)
	}
	for i := range all {
		if before == nil {
			all[i].Before = unread
		}
		if after == nil {
			all[i].After = unread
		}
	}
	return all
}

// warning is the critical warning of NVMe (NVM Express Base Specification 2.0,
// section 5.16.1.3, byte 0): any bit that is set is bad.
func warning(before, after *uint8) (Reading, bool) {
	if before == nil && after == nil {
		return Reading{}, false
	}
	word := func(w *uint8) string {
		switch {
		case w == nil:
			return untold
		case *w == 0:
			return "none"
		}
		return fmt.Sprintf("%02Xh", *w)
	}
	r := Reading{Name: "Critical warning", Before: word(before), After: word(after)}
	if before != nil && *before != 0 || after != nil && *after != 0 {
		r.Worse = "the drive warns"
	}
	return r, true
}

func widen(v *uint8) *uint64 {
	if v == nil {
		return nil
	}
	w := uint64(*v)
	return &w
}

func figure(v *uint64, unit string) string {
	if v == nil {
		return untold
	}
	return thousands(*v) + unit
}

func celsius(v *int) string {
	if v == nil {
		return untold
	}
	return fmt.Sprintf("%d °C", *v)
}

// thousands writes a number in groups of three digits.
func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

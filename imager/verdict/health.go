package verdict

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

// health compares what the drive says of its condition before and after. What it
// never tells counts neither way; what it tells once, it has to tell twice.
func health(ev *api.DriveEvidence) *fault {
	b, a := ev.HealthBefore, ev.HealthAfter
	switch {
	case !told(b) && !told(a):
		return nil
	case told(b) != told(a):
		return worse.because("the drive told its health only once, before or after the erasure")
	case (b.CriticalWarning == nil) != (a.CriticalWarning == nil), (b.Celsius == nil) != (a.Celsius == nil):
		return worse.because("the drive told its warnings or its temperature only once, before or after the erasure")
	}
	return first(
		counter("media errors", b.MediaErrors, a.MediaErrors, true),
		counter("reallocated sectors", b.ReallocatedSectors, a.ReallocatedSectors, true),
		counter("pending sectors", b.PendingSectors, a.PendingSectors, true),
		counter("power-on hours", b.PowerOnHours, a.PowerOnHours, false),
		counter("unsafe shutdowns", b.UnsafeShutdowns, a.UnsafeShutdowns, false),
	)
}

func told(h *api.Health) bool { return h != nil && h.Error == "" }

// counter compares a number before and after. Only pending sectors may become
// fewer: writing settles them.
func counter(name string, before, after *uint64, bad bool) *fault {
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil || after == nil:
		return worse.because("the drive told its %s only once, before or after the erasure", name)
	case *after < *before && name != "pending sectors":
		return contradiction.because("the drive counted %d %s before the erasure and %d after", *before, name, *after)
	case bad && *after > *before:
		return worse.because("%s rose from %d to %d during the erasure", name, *before, *after)
	}
	return nil
}

// Bits of Critical Warning (NVM Express Base Specification 2.0, figure 208).
const (
	warnSpare    = 1 << 0
	warnUnsafe   = 1 << 2
	warnReadOnly = 1 << 3
)

// beyondLimits says which limit of the profile the drive is beyond.
func beyondLimits(l imager.DriveLimits, ev *api.DriveEvidence) *fault {
	for _, h := range []*api.Health{ev.HealthBefore, ev.HealthAfter} {
		if why := sick(l, h); why != "" {
			return beyond.because("%s", why)
		}
	}
	for _, a := range ev.Attempts {
		switch p := a.Pace; {
		case p == nil:
		case p.HottestCelsius > l.MaxCelsius:
			return beyond.because("the drive became %d °C hot; the limit is %d", p.HottestCelsius, l.MaxCelsius)
		case p.SlowestBytesPerSecond > 0 && p.SlowestBytesPerSecond < l.MinMBPerSecond*1e6:
			return beyond.because("the drive did no more than %.1f MB/s; the limit is %d", float64(p.SlowestBytesPerSecond)/1e6, l.MinMBPerSecond)
		}
	}
	return nil
}

func sick(l imager.DriveLimits, h *api.Health) string {
	if h == nil {
		return ""
	}
	number := func(n *uint64) uint64 {
		if n == nil {
			return 0
		}
		return *n
	}
	switch bad := max(number(h.MediaErrors), number(h.ReallocatedSectors), number(h.PendingSectors)); {
	case bad > l.BadSectors:
		return fmt.Sprintf("the drive counts %d bad sectors; the limit is %d", bad, l.BadSectors)
	case h.Celsius != nil && *h.Celsius > l.MaxCelsius:
		return fmt.Sprintf("the drive is %d °C hot; the limit is %d", *h.Celsius, l.MaxCelsius)
	case h.CriticalWarning == nil:
	case *h.CriticalWarning&warnReadOnly != 0:
		return "the drive says that it can only be read any more"
	case *h.CriticalWarning&warnUnsafe != 0:
		return "the drive says that it is no longer reliable"
	case *h.CriticalWarning&warnSpare != 0:
		return "the drive says that its spare blocks are used up"
	}
	return ""
}

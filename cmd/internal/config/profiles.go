package config

import (
	"errors"
	"fmt"
	"regexp"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// profileFile tells an absent key from a zero.
type profileFile struct {
	Name             string             `toml:"name"`
	Title            string             `toml:"title"`
	Image            string             `toml:"image"`
	Hostname         string             `toml:"hostname"`
	Verify           *api.Verify        `toml:"verify"`
	CryptoAlone      bool               `toml:"crypto_alone"`
	CountdownSeconds *int               `toml:"countdown_seconds"`
	ExcludeRemovable *bool              `toml:"exclude_removable"`
	AtEnd            *api.EndAction     `toml:"at_end"`
	Limits           imager.DriveLimits `toml:"limits"`
}

func (p profileFile) profile() imager.Profile {
	out := DefaultProfile()
	out.Name, out.Title, out.Image, out.Hostname = p.Name, p.Title, p.Image, p.Hostname
	out.CryptoAlone, out.Limits = p.CryptoAlone, p.Limits
	set(&out.Verify, p.Verify)
	set(&out.CountdownSeconds, p.CountdownSeconds)
	set(&out.ExcludeRemovable, p.ExcludeRemovable)
	set(&out.AtEnd, p.AtEnd)
	if out.Title == "" {
		out.Title = out.Name
	}
	return out
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

func validateProfiles(profiles []imager.Profile) error {
	var errs []error
	seen := map[string]bool{}
	for _, p := range profiles {
		bad := func(format string, a ...any) {
			errs = append(errs, fmt.Errorf("profile %q: %w", p.Name, fmt.Errorf(format, a...)))
		}
		if !profileName.MatchString(p.Name) {
			bad("name: use lower case letters, digits, dot, dash and underscore")
		}
		if seen[p.Name] {
			bad("name: two profiles have it, rename one")
		}
		seen[p.Name] = true
		switch p.Verify {
		case api.VerifyNISTR2, api.VerifyNISTR1, api.VerifyFull:
		default:
			bad("verify: %q is none of nist-r2, nist-r1, full", p.Verify)
		}
		if p.CountdownSeconds < 1 || p.CountdownSeconds > 3600 {
			bad("countdown_seconds: %d is not between 1 and 3600", p.CountdownSeconds)
		}
		if p.AtEnd != api.EndRestart && p.AtEnd != api.EndPowerOff && p.AtEnd != api.EndStay {
			bad("at_end: %q is none of restart, power-off, stay", p.AtEnd)
		}
		validateLimits(p.Limits, bad)
	}
	return errors.Join(errs...)
}

// validateLimits refuses limits under which no drive could be judged. Zero stands
// for the default everywhere.
func validateLimits(l imager.DriveLimits, bad func(format string, a ...any)) {
	if l.MinMBPerSecond > 10000 {
		bad("limits.min_mb_per_second: no drive reaches %d MB a second", l.MinMBPerSecond)
	}
	if l.NoProgressMinutes < 0 || l.NoProgressMinutes > 24*60 {
		bad("limits.no_progress_minutes: %d is not between 1 and 1440", l.NoProgressMinutes)
	}
	for name, celsius := range map[string]int{"pause_celsius": l.PauseCelsius, "max_celsius": l.MaxCelsius} {
		if celsius != 0 && (celsius < 30 || celsius > 100) {
			bad("limits.%s: %d is not between 30 and 100 degrees", name, celsius)
		}
	}
	for _, d := range []api.Drive{{}, {Rotational: true}} {
		if in := plan.Limits(l, d); in.PauseCelsius >= in.MaxCelsius {
			bad("limits: work would pause at %d degrees (pause_celsius) and the drive be given up at %d (max_celsius): set both, the first lower", in.PauseCelsius, in.MaxCelsius)
			return
		}
	}
}

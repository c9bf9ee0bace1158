package plan

import (
	"cmp"

	"regain.example/agent/api"
	"regain.example/imager"
)

// What holds where a profile says nothing.
const (
	// defaultBadSectors: a few remapped sectors are common on drives of some
	// years; tens mean a surface or flash that goes on failing. What a sector
	// held when it was taken out of use is reached by no write.
	defaultBadSectors = 50
	// defaultMinMBPerSecond is below the slowest sticks and cards (4 to 5) and
	// a tenth of an old notebook disk; a drive that retries every read falls
	// under it, and would hold its bench for days.
	defaultMinMBPerSecond = 3
	// SSDs slow themselves down from about 70 °C and switch off above 80.
	defaultPauseCelsius, defaultMaxCelsius = 70, 85
	// Makers of rotating disks allow 60 °C.
	rotatingPauseCelsius, rotatingMaxCelsius = 55, 65
	// defaultNoProgressMinutes: block and crypto operations end within minutes,
	// an overwrite by the drive changes its progress every few seconds. Drives
	// that hang stand still for hours (agent/nvme names them).
	defaultNoProgressMinutes = 30
)

// Limits fills in what a profile leaves open for a drive.
func Limits(set imager.DriveLimits, d api.Drive) imager.DriveLimits {
	pause, most := defaultPauseCelsius, defaultMaxCelsius
	if d.Rotational {
		pause, most = rotatingPauseCelsius, rotatingMaxCelsius
	}
	return imager.DriveLimits{
		BadSectors:        cmp.Or(set.BadSectors, defaultBadSectors),
		MinMBPerSecond:    cmp.Or(set.MinMBPerSecond, defaultMinMBPerSecond),
		PauseCelsius:      cmp.Or(set.PauseCelsius, pause),
		MaxCelsius:        cmp.Or(set.MaxCelsius, most),
		NoProgressMinutes: cmp.Or(set.NoProgressMinutes, defaultNoProgressMinutes),
	}
}

// Wire is what the agent is told of the limits.
func Wire(l imager.DriveLimits) api.Limits {
	return api.Limits{
		NoProgressSeconds:   l.NoProgressMinutes * 60,
		PauseCelsius:        l.PauseCelsius,
		FloorBytesPerSecond: l.MinMBPerSecond * 1e6,
	}
}

package bootwatch

import (
	"strings"
	"time"
)

// place is how far a boot has come. Unlike the stages it tells apart who asked
// for the address and which loader was fetched.
type place int

const (
	nowhere   place = iota
	offered         // the firmware was offered an address
	addressed       // the firmware has one
	sized           // it asked for the size of a disk image
	loaded          // the first loader was fetched
	started         // that loader runs: it asked for an address, or for GRUB
	scripted
	kernel
	complete // initramfs, or the image that holds all
	networked
)

// placeOf is where an event puts the machine; nowhere if it says nothing of that.
func placeOf(e Event) place {
	switch e.Stage {
	case stageOffer, stageAddress:
		switch {
		case e.By == bySystem && e.Stage == stageAddress:
			return networked
		case e.By == bySystem:
			return nowhere
		case e.By == byIPXE:
			return started
		case e.Stage == stageOffer:
			return offered
		}
		return addressed
	case stageImageSize:
		return sized
	case stageLoader:
		if strings.HasSuffix(e.File, fileGRUB) {
			return started
		}
		return loaded
	case stageScript:
		return scripted
	case stageKernel:
		return kernel
	case stageInitramfs, stageImage:
		return complete
	}
	return nowhere
}

// patience is how long a machine may stay at a place before it is said to stand
// still. Slow ones are meant: ports that need half a minute to come up (spanning
// tree), firmware that counts its memory, a kernel that unpacks on an old
// processor.
func (p place) patience() time.Duration {
	switch p {
	case offered:
		return 40 * time.Second
	case addressed:
		return 45 * time.Second
	case loaded, started:
		return time.Minute
	case scripted:
		return 90 * time.Second
	case kernel, networked:
		return 2 * time.Minute
	}
	return 3 * time.Minute
}

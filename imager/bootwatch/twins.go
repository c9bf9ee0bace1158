package bootwatch

import (
	"strings"
	"time"

	"regain.example/imager/identity"
)

// twinsFor is how long two machines that boot through one address are told of. A
// dock that goes from one machine to the next after that is used as it should be.
const twinsFor = 15 * time.Minute

// twins notices two machines behind one MAC address: a dock or an adapter that
// moves, or two of them with the same address.
type twins struct {
	who  identities // of what was seen last
	at   time.Time
	both time.Time // when two were seen within twinsFor of one another
}

// identities are what the parts of one machine say of it. Each is compared with
// its like only: a network card's boot program may make up a UUID of its own, and
// the iPXE that follows tells the machine's.
type identities struct{ firmware, ipxe, serial string }

// see reports whether e is from another machine than the one before.
func (t *twins) see(e Event) bool {
	var now identities
	switch e.By {
	case byFirmware:
		now.firmware = identity.Canonical(e.UUID)
	case byIPXE:
		now.ipxe = identity.Canonical(e.UUID)
	}
	if identity.Credible(e.Serial) {
		now.serial = strings.ToLower(e.Serial)
	}
	before := t.who
	other := differ(before.firmware, now.firmware) || differ(before.ipxe, now.ipxe) || differ(before.serial, now.serial)
	if other {
		if e.At.Sub(t.at) < twinsFor {
			t.both = e.At
		}
		before = identities{}
	}
	t.who = identities{either(now.firmware, before.firmware), either(now.ipxe, before.ipxe), either(now.serial, before.serial)}
	t.at = e.At
	return other
}

func (t *twins) now(now time.Time) bool {
	return !t.both.IsZero() && now.Sub(t.both) < twinsFor
}

// differ reports whether both are told and not the same.
func differ(before, now string) bool { return before != "" && now != "" && before != now }

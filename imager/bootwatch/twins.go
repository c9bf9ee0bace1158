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
	uuid, serial string // of who was seen last
	at           time.Time
	both         time.Time // when they were seen within twinsFor of one another
}

// see reports whether e is from another machine than the one before.
func (t *twins) see(e Event) bool {
	uuid, serial := identity.Canonical(e.UUID), ""
	if identity.Credible(e.Serial) {
		serial = strings.ToLower(e.Serial)
	}
	other := differ(t.uuid, uuid) || differ(t.serial, serial)
	if other {
		if e.At.Sub(t.at) < twinsFor {
			t.both = e.At
		}
		t.uuid, t.serial = "", ""
	}
	t.uuid, t.serial, t.at = either(uuid, t.uuid), either(serial, t.serial), e.At
	return other
}

func (t *twins) now(now time.Time) bool {
	return !t.both.IsZero() && now.Sub(t.both) < twinsFor
}

// differ reports whether both are told and not the same.
func differ(before, now string) bool { return before != "" && now != "" && before != now }

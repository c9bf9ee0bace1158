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
	other := differ(t.uuid, e.UUID, sameUUID) || differ(t.serial, e.Serial, strings.EqualFold)
	if other {
		if e.At.Sub(t.at) < twinsFor {
			t.both = e.At
		}
		t.uuid, t.serial = "", ""
	}
	t.uuid, t.serial = either(credibleUUID(e.UUID), t.uuid), either(credibleSerial(e.Serial), t.serial)
	t.at = e.At
	return other
}

func (t *twins) now(now time.Time) bool {
	return !t.both.IsZero() && now.Sub(t.both) < twinsFor
}

// differ reports whether both are told and not the same.
func differ(before, now string, same func(a, b string) bool) bool {
	return before != "" && now != "" && !same(before, now)
}

func sameUUID(a, b string) bool {
	u, _ := identity.ParseUUID(a)
	v, ok := identity.ParseUUID(b)
	return !ok || v.Lie() || u.Same(v)
}

func credibleUUID(s string) string {
	if u, ok := identity.ParseUUID(s); !ok || u.Lie() {
		return ""
	}
	return s
}

func credibleSerial(s string) string {
	if !identity.Credible(s) {
		return ""
	}
	return s
}

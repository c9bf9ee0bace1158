package control

import (
	"strings"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/imager/bootrule"
	"regain.example/imager/identity"
)

// attempts counts, for each machine as its firmware names itself, the agents in
// a row that were given to it whole and never registered. It is counted from what
// the boot servers saw, never from what they asked, and is lost at a restart.
//
// The key is the address with the UUID: a dock carries its address from machine
// to machine.
type attempts struct {
	mu   sync.Mutex
	each map[bootKey]*attempt
}

type bootKey struct {
	mac  string // lower case with colons
	uuid string // identity.Canonical
}

type attempt struct {
	at     time.Time // of the last sighting
	unmet  int       // agents that were given and have not registered
	given  bool      // one was given, and nothing else was seen since
	waited bool      // it came back after that, and asked to boot again
}

// maxAttempts bounds how many machines are counted.
const maxAttempts = 1024

func newAttempts() *attempts { return &attempts{each: map[bootKey]*attempt{}} }

func keyOf(mac, uuid string) bootKey {
	return bootKey{strings.ToLower(mac), identity.Canonical(uuid)}
}

// saw takes note of a stage that a machine reached. An agent is given with the
// last byte of the initramfs, or of the image that holds it; a firmware that
// fetches it twice in a row was given one. An image comes before the word that it
// was made to boot nothing, or the machine's own disk.
func (a *attempts) saw(s BootSighting, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := keyOf(s.Client.MAC, s.Client.UUID)
	t := a.each[key]
	switch s.Stage {
	case "initramfs", "image":
		if t == nil {
			a.room()
			t = &attempt{}
			a.each[key] = t
		}
		if !t.given {
			t.unmet, t.given, t.waited = t.unmet+1, true, false
		}
	case "loader", "script", "kernel", "image-size", "refused", "local-disk":
		if t == nil {
			return
		}
		if t.given && (s.Stage == "refused" || s.Stage == "local-disk") {
			t.unmet-- // the image was to start something else
		}
		t.given, t.waited = false, true
	default:
		if t == nil {
			return
		}
		t.given = false // the agent asks for an address, too
	}
	t.at = now
}

// room forgets the machine that was seen longest ago if there are too many.
func (a *attempts) room() {
	if len(a.each) < maxAttempts {
		return
	}
	var oldest bootKey
	for k, t := range a.each {
		if o := a.each[oldest]; o == nil || t.at.Before(o.at) {
			oldest = k
		}
	}
	delete(a.each, oldest)
}

// registered forgets the machine's failures: its agent speaks.
func (a *attempts) registered(inv api.Inventory) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range inv.NICs {
		delete(a.each, keyOf(n.MAC, inv.System.UUID))
		delete(a.each, keyOf(n.MAC, "")) // its firmware may not tell
	}
}

// unmet is how many agents in a row were given to the machine and never
// registered.
func (a *attempts) unmet(mac, uuid string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.each[keyOf(mac, uuid)]; t != nil {
		return t.unmet
	}
	return 0
}

// failed is unmet for whatever machine is behind the address, the worst of
// several.
func (a *attempts) failed(mac string) (n int) {
	for _, t := range a.behind(mac) {
		n = max(n, t.unmet)
	}
	return n
}

// held reports whether a machine behind the address came back after its last
// permitted attempt, and is given nothing until an operator says again.
func (a *attempts) held(mac string) bool {
	for _, t := range a.behind(mac) {
		if t.waited && t.unmet >= bootrule.Failures {
			return true
		}
	}
	return false
}

func (a *attempts) behind(mac string) (all []attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, t := range a.each {
		if k.mac == strings.ToLower(mac) {
			all = append(all, *t)
		}
	}
	return all
}

// again lets every machine behind the address have the agent again, and reports
// whether any had failed.
func (a *attempts) again(mac string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	found := false
	for k := range a.each {
		if k.mac == strings.ToLower(mac) {
			delete(a.each, k)
			found = true
		}
	}
	return found
}

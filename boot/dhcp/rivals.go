package dhcp

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"regain.example/boot"
)

// How long to wait from one look for other servers to the next.
const (
	lookAgain  = time.Minute      // while there is none
	lookSooner = 10 * time.Second // while one answers, or when a machine went elsewhere
	lookAtOnce = 2 * time.Second  // after a look that failed
)

const rivalMessage = "another DHCP server answers on the bench network: no new address is offered until it is gone; find it by its address and unplug it, or set bench.mode to proxy if it is the site's own"

// Watch keeps the server from giving addresses beside another server: it looks
// for one at once and then regularly. Until the first look has ended, and while a
// server answers, only machines that have a lease are served.
type Watch struct {
	look     func(context.Context) ([]netip.Addr, error)
	observer boot.Observer
	log      *slog.Logger
	hint     chan struct{}

	mu      sync.Mutex
	looked  bool // with success, once
	failed  bool
	servers []netip.Addr
}

// NewWatch returns a Watch that looks by calling look, which returns the other
// servers.
func NewWatch(look func(context.Context) ([]netip.Addr, error), o boot.Observer, log *slog.Logger) *Watch {
	return &Watch{look: look, observer: o, log: log, hint: make(chan struct{}, 1)}
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		found, err := w.look(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait := lookAgain
		if err != nil {
			w.noteFailure(err)
			wait = lookAtOnce
		} else {
			w.note(found)
			w.observer.Rivals(found)
		}
		if len(found) > 0 {
			wait = lookSooner
		}
		w.pause(ctx, wait)
	}
	return nil
}

// pause waits, shorter if a machine went elsewhere meanwhile.
func (w *Watch) pause(ctx context.Context, d time.Duration) {
	long, short := time.NewTimer(d), time.NewTimer(min(d, lookSooner))
	defer long.Stop()
	defer short.Stop()
	select {
	case <-ctx.Done():
		return
	case <-short.C:
	}
	select {
	case <-ctx.Done():
	case <-long.C:
	case <-w.hint:
	}
}

// sooner asks for the next look to come soon.
func (w *Watch) sooner() {
	select {
	case w.hint <- struct{}{}:
	default:
	}
}

// noteFailure leaves what was known last: a look that failed proves nothing.
func (w *Watch) noteFailure(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.failed {
		w.log.Error("other DHCP servers cannot be looked for; what was known last holds", "err", err)
	}
	w.failed = true
}

func (w *Watch) note(found []netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(found, w.servers) {
		if len(found) > 0 {
			w.log.Error(rivalMessage, "servers", list(found))
		} else {
			w.log.Info("the other DHCP servers are gone; addresses are offered again", "servers", list(w.servers))
		}
	}
	w.looked, w.failed, w.servers = true, false, slices.Clone(found)
}

// forbids reports whether no new address may be given, and why; "" while the first
// look is under way, which takes seconds.
func (w *Watch) forbids() (why string, forbidden bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(w.servers) > 0:
		return "another DHCP server answers on this network: " + list(w.servers), true
	case w.looked:
		return "", false
	case w.failed:
		return "it cannot be found out whether another DHCP server is on this network; the controller's log says why", true
	}
	return "", true
}

func list(addrs []netip.Addr) string {
	var s []string
	for _, a := range addrs {
		s = append(s, a.String())
	}
	return strings.Join(s, ", ")
}

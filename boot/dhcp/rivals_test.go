package dhcp

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
)

// TestNoNewAddressBesideARival: who has a lease keeps it, who was offered one may
// take it, nobody else is answered, and nobody is refused what the other server
// may have given.
func TestNoNewAddressBesideARival(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	ack, _ := b.send(t, accept(t, offer))
	offered, _ := b.send(t, discover(t, 2))
	b.watch.note([]netip.Addr{ip("10.77.0.9")})

	renew, err := dhcpv4.NewRenewFromAck(ack)
	if err != nil {
		t.Fatal(err)
	}
	renew.OpCode = dhcpv4.OpcodeBootRequest
	for name, p := range map[string]*dhcpv4.DHCPv4{"renewal": renew, "restart": discover(t, 1), "offer taken": accept(t, offered)} {
		if reply, _ := b.send(t, p); reply == nil || reply.MessageType() == dhcpv4.MessageTypeNak {
			t.Errorf("%s: %v", name, reply)
		}
	}
	for name, p := range map[string]*dhcpv4.DHCPv4{
		"new machine":       discover(t, 3),
		"the rival's lease": request1(t, 3, "192.168.1.20"),
		"a free address":    request1(t, 3, "10.77.0.105"),
	} {
		if reply, _ := b.send(t, p); reply != nil {
			t.Errorf("%s: %s", name, reply.Summary())
		}
		if got := b.last(t); got.Stage != boot.StageWithheld || got.Client.MAC.String() != mac(3).String() || !strings.Contains(got.Detail, "10.77.0.9") {
			t.Errorf("%s: seen %+v", name, got)
		}
	}
	b.clock.pass(leaseTime) // a lease that has ended is none
	if reply, _ := b.send(t, discover(t, 1)); reply != nil {
		t.Errorf("after the lease's end: %s", reply.Summary())
	}
	b.watch.note(nil)
	if reply, _ := b.send(t, discover(t, 3)); reply == nil {
		t.Error("the rival is gone, and there is still no offer")
	}
}

// TestNoOfferBeforeTheFirstLook, and none while looks fail; only the latter is
// told.
func TestNoOfferBeforeTheFirstLook(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.Server.watch = NewWatch(nil, b.seen, boottest.Log(t))
	if reply, _ := b.send(t, discover(t, 1)); reply != nil || len(b.seen.Stages()) != 0 {
		t.Errorf("answered %v, seen %v", reply, b.seen.Stages())
	}
	b.watch.noteFailure(errors.New("address already in use"))
	if reply, _ := b.send(t, discover(t, 1)); reply != nil || b.last(t).Stage != boot.StageWithheld {
		t.Errorf("answered %v, seen %v", reply, b.seen.Stages())
	}
	b.watch.note(nil)
	b.watch.noteFailure(errors.New("address already in use")) // what was known holds
	if reply, _ := b.send(t, discover(t, 1)); reply == nil {
		t.Error("no offer after a look that found nobody")
	}
}

func TestElsewhereIsTold(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer, dhcpv4.WithOption(dhcpv4.OptServerIdentifier([]byte{10, 77, 0, 9}))))
	if got := b.last(t); got.Stage != boot.StageElsewhere || got.Detail != "10.77.0.9" {
		t.Errorf("seen: %+v", got)
	}
	if len(b.watch.hint) != 1 {
		t.Error("no look for the other server is due")
	}
	if b.table.Knows(mac(1)) {
		t.Error("the offer still stands")
	}
}

// looks are the answers of the search for servers, in turn; the last one stays.
type looks struct {
	answers []any
	at      []time.Duration
	began   time.Time
}

func (l *looks) look(context.Context) ([]netip.Addr, error) {
	l.at = append(l.at, time.Since(l.began))
	answer := l.answers[0]
	if len(l.answers) > 1 {
		l.answers = l.answers[1:]
	}
	if err, failed := answer.(error); failed {
		return nil, err
	}
	return answer.([]netip.Addr), nil
}

// TestWatch follows the times of the looks, what is told, and what is logged.
func TestWatch(t *testing.T) {
	none, one := []netip.Addr{}, []netip.Addr{ip("10.77.0.9")}
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		seen := &boottest.Recorder{}
		l := &looks{answers: []any{none, one, one, errors.New("the port is taken"), none}, began: time.Now()}
		w := NewWatch(l.look, seen, slog.New(slog.NewTextHandler(&text, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		told := func(after time.Duration, want []netip.Addr) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := seen.LastRivals(); !slices.Equal(got, want) {
				t.Errorf("after %s: told %v, want %v", time.Since(l.began), got, want)
			}
		}
		told(0, none)
		told(lookAgain, one)      // 60 s
		told(lookSooner, one)     // 70 s
		told(lookSooner, one)     // 80 s, failed
		told(lookAtOnce, none)    // 82 s
		told(30*time.Second, nil) // 112 s
		w.sooner()
		told(0, none) // at once, since the last look is long ago
		w.sooner()
		told(lookSooner, none) // and then not more often than this
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s := time.Second
		if want := []time.Duration{0, 60 * s, 70 * s, 80 * s, 82 * s, 112 * s, 122 * s}; !slices.Equal(l.at, want) {
			t.Errorf("looked after %v, want %v", l.at, want)
		}
		for text, want := range map[string]int{"another DHCP server answers": strings.Count(text.String(), "another DHCP server answers"),
			"servers are gone": strings.Count(text.String(), "servers are gone"), "cannot be looked for": strings.Count(text.String(), "cannot be looked for")} {
			if want != 1 {
				t.Errorf("%q is logged %d times", text, want)
			}
		}
	})
}

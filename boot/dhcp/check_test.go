package dhcp

import (
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

func request1(t *testing.T, last byte, wanted string) *dhcpv4.DHCPv4 {
	t.Helper()
	return discover(t, last, dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest),
		dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(ip(wanted).AsSlice())))
}

// TestAnAddressInUseIsNotGiven: a device with a fixed address sits in the pool.
func TestAnAddressInUseIsNotGiven(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.lan.use("10.77.0.100", mac(99))
	offer, _ := b.send(t, discover(t, 1))
	if offer == nil || addr(offer.YourIPAddr) != ip("10.77.0.101") {
		t.Fatalf("got %v", offer)
	}
	if nak, _ := b.send(t, request1(t, 2, "10.77.0.100")); nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak {
		t.Errorf("asked for without an offer: %v", nak)
	}
	b.lan.use("10.77.0.100", nil)
	if offer, _ := b.send(t, discover(t, 3)); addr(offer.YourIPAddr) == ip("10.77.0.100") {
		t.Error("the address did not rest")
	}
	b.clock.pass(restTime)
	if ack, _ := b.send(t, request1(t, 4, "10.77.0.100")); ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
		t.Errorf("after its rest: %v", ack)
	}
}

func TestAnAddressAskedForAtOnceIsProbedToo(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.lan.use("10.77.0.105", mac(99))
	if nak, _ := b.send(t, request1(t, 1, "10.77.0.105")); nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak {
		t.Errorf("got %v", nak)
	}
}

// TestARivalClaimDoesNotEndALease: the holder of a lease answers the probe that
// another machine's wish would cause.
func TestARivalClaimDoesNotEndALease(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))
	b.lan.use("10.77.0.100", mac(1))
	if nak, _ := b.send(t, request1(t, 2, "10.77.0.100")); nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak {
		t.Errorf("got %v", nak)
	}
	if c, known := b.table.Client(ip("10.77.0.100")); !known || c.MAC.String() != mac(1).String() {
		t.Error("another machine's wish ended the lease")
	}
}

// TestWhatNeedsNoProbe: the offer that was just probed, and a lease that the
// machine has.
func TestWhatNeedsNoProbe(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))
	b.clock.pass(leaseTime / 2)
	b.send(t, discover(t, 1))
	if n := b.lan.probed("10.77.0.100"); n != 1 {
		t.Errorf("probed %d times", n)
	}
	b.clock.pass(leaseTime) // the lease has ended: who knows who has it now
	b.lan.use("10.77.0.100", mac(99))
	if offer, _ := b.send(t, discover(t, 1)); addr(offer.YourIPAddr) == ip("10.77.0.100") {
		t.Error("an address whose lease had ended was offered without a probe")
	}
}

// TestTheNextNeedNotWait: what the machines that follow will get is probed while
// the first one is served.
func TestTheNextNeedNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, boot.Decision{})
		b.lan.slow = 240 * time.Millisecond
		b.lan.use("10.77.0.102", mac(99))
		for i, want := range []struct {
			addr string
			wait time.Duration
		}{{"10.77.0.100", b.lan.slow}, {"10.77.0.101", 0}, {"10.77.0.103", b.lan.slow}, {"10.77.0.104", 0}} {
			began := time.Now()
			offer, _ := b.send(t, discover(t, byte(i)))
			if got := addr(offer.YourIPAddr); got != ip(want.addr) || time.Since(began) != want.wait {
				t.Errorf("machine %d was offered %s after %s, want %+v", i, got, time.Since(began), want)
			}
		}
		synctest.Wait()
	})
}

func TestAnOldProbeIsNotFresh(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.send(t, discover(t, 1))
	b.clock.pass(freshTime)
	b.send(t, discover(t, 1))
	if n := b.lan.probed("10.77.0.100"); n != 2 {
		t.Errorf("probed %d times", n)
	}
}

// TestTheMachineItselfMayAnswer: its system still has the address that its
// firmware asks for.
func TestTheMachineItselfMayAnswer(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.lan.use("10.77.0.103", mac(1))
	if ack, _ := b.send(t, request1(t, 1, "10.77.0.103")); ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
		t.Errorf("got %v", ack)
	}
}

func TestNoAddressWhereTheProbeFails(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.lan.err = errors.New("network is down")
	if offer, _ := b.send(t, discover(t, 1)); offer != nil {
		t.Errorf("offered %s", offer.YourIPAddr)
	}
	if reply, _ := b.send(t, request1(t, 1, "10.77.0.105")); reply != nil {
		t.Errorf("answered %s", reply.Summary())
	}
	if got := b.last(t); got.Stage != boot.StageWithheld || got.Detail == "" {
		t.Errorf("seen: %+v", got)
	}
}

// TestFullPoolIsTold to those who follow the boots.
func TestFullPoolIsTold(t *testing.T) {
	b := newBench(t, boot.Decision{})
	for i := range byte(10) {
		b.send(t, discover(t, i+1))
	}
	if offer, _ := b.send(t, discover(t, 50)); offer != nil {
		t.Fatalf("offered %s", offer.YourIPAddr)
	}
	if got := b.last(t); got.Stage != boot.StageWithheld || got.Detail != "no address is free: the pool is full" {
		t.Errorf("seen: %+v", got)
	}
}

// TestFortyAtOnce: with probes that take 100 ms, forty machines are offered an
// address and have it on disk within a second, each another one.
func TestFortyAtOnce(t *testing.T) {
	b := newBenchWith(t, nobodysDecider(), func(c *Config) { c.Pool = pool("10.77.0.100", "10.77.0.199") })
	b.lan.slow = 100 * time.Millisecond
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	given := map[netip.Addr]bool{}
	for i := range byte(40) {
		all.Go(func() {
			offer, _ := b.handle(t.Context(), discover(t, i).ToBytes(), netip.AddrPort{})
			if offer == nil {
				t.Errorf("machine %d: no offer", i)
				return
			}
			ack, _ := b.handle(t.Context(), accept(t, offer).ToBytes(), netip.AddrPort{})
			if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
				t.Errorf("machine %d: %v", i, ack)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if a := addr(ack.YourIPAddr); given[a] {
				t.Errorf("%s is given twice", a)
			} else {
				given[a] = true
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if on := open(t, b.table.file, pool("10.77.0.100", "10.77.0.199"), b.clock); len(on.byMAC) != 40 {
		t.Errorf("%d leases are on disk", len(on.byMAC))
	}
}

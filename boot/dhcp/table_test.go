package dhcp

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"regain.example/boot"
)

func TestLeaseSurvivesRestart(t *testing.T) {
	file, c := leaseFile(t), newClock()
	before := open(t, file, ten(), c)
	machine := boot.Client{MAC: mac(1), UUID: "00112233-4455-6677-8899-aabbccddeeff", Arch: boot.ArchEFI64}
	if err := before.Claim(machine, ten(), ip("10.77.0.105")); err != nil {
		t.Fatal(err)
	}

	after := open(t, file, ten(), c)
	got, known := after.Client(ip("10.77.0.105"))
	if !known || got.MAC.String() != machine.MAC.String() || got.UUID != machine.UUID || got.Arch != machine.Arch {
		t.Errorf("after the restart 10.77.0.105 is %+v, %v", got, known)
	}
	if err := after.Claim(client(2), ten(), ip("10.77.0.105")); !errors.Is(err, ErrTaken) {
		t.Errorf("another machine claims a live lease: %v", err)
	}
	if a, err := after.Offer(client(1), ten(), netip.Addr{}); err != nil || a != ip("10.77.0.105") {
		t.Errorf("the machine is offered %s, %v", a, err)
	}
}

func TestOffersDoNotSurviveRestart(t *testing.T) {
	file, c := leaseFile(t), newClock()
	before := open(t, file, ten(), c)
	if _, err := before.Offer(client(1), ten(), ip("10.77.0.105")); err != nil {
		t.Fatal(err)
	}
	if err := before.Claim(client(2), ten(), ip("10.77.0.101")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, file, ten(), c).Claim(client(3), ten(), ip("10.77.0.105")); err != nil {
		t.Error(err)
	}
}

func TestDamagedFileIsAnError(t *testing.T) {
	for _, content := range []string{"", "[", `[{"addr":"10.77.0.100","mac":"x","expires":"2026-01-01T00:00:00Z"}]`, `[{"addr":"::1","mac":"52:54:00:00:00:01"}]`, `[{"mac":"52:54:00:00:00:01"}]`} {
		file := leaseFile(t)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenTable(file, leaseTime, time.Now, ten()); err == nil {
			t.Errorf("a lease file of %q was accepted", content)
		}
	}
}

func TestPoolIsNotGivenTwice(t *testing.T) {
	c := newClock()
	table := open(t, leaseFile(t), ten(), c)
	given := map[netip.Addr]bool{}
	for i := range byte(10) {
		a, err := table.Offer(client(i), ten(), netip.Addr{})
		if err != nil || given[a] {
			t.Fatalf("machine %d is offered %s (again: %v), %v", i, a, given[a], err)
		}
		given[a] = true
	}
	if a, err := table.Offer(client(11), ten(), netip.Addr{}); !errors.Is(err, ErrPoolFull) {
		t.Errorf("an eleventh machine is offered %s, %v", a, err)
	}
	c.pass(offerTime) // nobody accepted
	if _, err := table.Offer(client(11), ten(), netip.Addr{}); err != nil {
		t.Errorf("after the offers' end: %v", err)
	}
}

func TestOneMachineHoldsOneAddress(t *testing.T) {
	table := open(t, leaseFile(t), ten(), newClock())
	if err := table.Claim(client(1), ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if a, err := table.Offer(client(1), ten(), ip("10.77.0.107")); err != nil || a != ip("10.77.0.100") {
			t.Fatalf("offered %s, %v", a, err)
		}
	}
	if err := table.Claim(client(1), ten(), ip("10.77.0.107")); !errors.Is(err, ErrTaken) {
		t.Errorf("a second address: %v", err)
	}
}

func TestExpiredLeaseIsKeptAsLongAsPossible(t *testing.T) {
	c := newClock()
	table := open(t, leaseFile(t), ten(), c)
	for i := range byte(3) {
		if err := table.Claim(client(i), ten(), ip(fmt.Sprintf("10.77.0.10%d", i))); err != nil {
			t.Fatal(err)
		}
		c.pass(time.Second)
	}
	c.pass(leaseTime)
	if _, known := table.Client(ip("10.77.0.100")); known {
		t.Error("an expired lease still names a machine")
	}
	for i := byte(10); i < 17; i++ { // seven unused addresses go first
		if a, err := table.Offer(client(i), ten(), netip.Addr{}); err != nil || a.Less(ip("10.77.0.103")) {
			t.Fatalf("machine %d: %s, %v", i, a, err)
		}
	}
	if a, err := table.Offer(client(17), ten(), netip.Addr{}); err != nil || a != ip("10.77.0.100") {
		t.Errorf("the longest expired address is 10.77.0.100, given was %s, %v", a, err)
	}
	if a, err := table.Offer(client(1), ten(), netip.Addr{}); err != nil || a != ip("10.77.0.101") {
		t.Errorf("a machine that comes back is offered %s, %v", a, err)
	}
}

func TestSystemKeepsWhatFirmwareSaid(t *testing.T) {
	table := open(t, leaseFile(t), ten(), newClock())
	firmware := boot.Client{MAC: mac(1), UUID: "00112233-4455-6677-8899-aabbccddeeff", Arch: boot.ArchEFI64}
	for _, c := range []boot.Client{firmware, client(1)} {
		if err := table.Claim(c, ten(), ip("10.77.0.100")); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := table.Client(ip("10.77.0.100")); got.UUID != firmware.UUID || got.Arch != firmware.Arch {
		t.Errorf("the lease says %+v", got)
	}
}

func TestDeclineCannotEmptyThePool(t *testing.T) {
	c := newClock()
	twenty := pool("10.77.0.100", "10.77.0.119")
	table := open(t, leaseFile(t), twenty, c)
	for range 50 {
		a, err := table.Offer(client(1), twenty, netip.Addr{})
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Claim(client(1), twenty, a); err != nil {
			t.Fatal(err)
		}
		if held, err := table.Decline(mac(1), a); err != nil || !held {
			t.Fatal(held, err)
		}
		if err := table.Claim(client(2), twenty, a); !errors.Is(err, ErrTaken) {
			t.Fatalf("%s was declined and is given: %v", a, err)
		}
		c.pass(time.Second)
	}
	if held, err := table.Decline(mac(9), ip("10.77.0.100")); held || err != nil {
		t.Errorf("a stranger declines: %v, %v", held, err)
	}
	if len(table.resting) > maxDeclined {
		t.Errorf("%d addresses rest", len(table.resting))
	}
}

// TestNothingIsPromisedWithoutTheDisk: a lease that cannot be written down is none,
// and one that was written down before stands.
func TestNothingIsPromisedWithoutTheDisk(t *testing.T) {
	file := leaseFile(t)
	table := open(t, file, ten(), newClock())
	if err := table.Claim(client(1), ten(), ip("10.77.0.100")); err != nil {
		t.Fatal(err)
	}
	table.file = "/proc/no-such-directory/leases.json"
	for i := range byte(2) { // 0 is new, 1 renews
		err := table.Claim(client(i), ten(), ip(fmt.Sprintf("10.77.0.10%d", 1-i)))
		if full := (*SaveError)(nil); !errors.As(err, &full) {
			t.Fatalf("machine %d: %v, want a SaveError", i, err)
		}
	}
	if _, known := table.Client(ip("10.77.0.101")); known {
		t.Error("a lease that is on no disk names a machine")
	}
	if _, known := table.Client(ip("10.77.0.100")); !known {
		t.Error("the failed renewal ended the lease")
	}
	if err := table.Claim(client(2), ten(), ip("10.77.0.101")); !errors.Is(err, ErrTaken) {
		t.Errorf("the address is no longer reserved: %v", err)
	}
	table.file = file
	if err := table.Claim(client(0), ten(), ip("10.77.0.101")); err != nil {
		t.Errorf("once there is room again: %v", err)
	}
}

func TestPoolCheck(t *testing.T) {
	server := netip.MustParsePrefix("10.77.0.1/24")
	if err := ten().Check(server); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]Pool{
		"unset":     {},
		"reversed":  pool("10.77.0.9", "10.77.0.2"),
		"foreign":   pool("10.78.0.2", "10.78.0.9"),
		"server":    pool("10.77.0.1", "10.77.0.9"),
		"network":   pool("10.77.0.0", "10.77.0.0"),
		"broadcast": pool("10.77.0.200", "10.77.0.255"),
		"IPv6":      pool("fe80::1", "fe80::9"),
	} {
		if err := p.Check(server); !errors.Is(err, errPool) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := pool("10.0.0.2", "10.0.200.0").Check(netip.MustParsePrefix("10.0.0.1/16")); !errors.Is(err, errPool) {
		t.Errorf("too large: %v", err)
	}
}

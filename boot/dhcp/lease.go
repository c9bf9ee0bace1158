package dhcp

import (
	"net"
	"net/netip"
	"time"

	"regain.example/boot"
)

// Lease is one address given, or offered, to one machine.
type Lease struct {
	Addr    netip.Addr `json:"addr"`
	MAC     string     `json:"mac"`
	Expires time.Time  `json:"expires"`
	UUID    string     `json:"uuid,omitempty"`
	Arch    boot.Arch  `json:"arch"`

	// These three come from iPXE later, see Table.Learn.
	Manufacturer string `json:"manufacturer,omitempty"`
	Product      string `json:"product,omitempty"`
	Serial       string `json:"serial,omitempty"`

	// offered marks an address that the machine has not yet accepted. Offers
	// live in memory only: after a restart the machine asks again.
	offered bool
	// given is when the machine took the address, used whether it did anything
	// after that: asked for a file, or for the same address again. A lease that
	// comes from the disk counts as used.
	given time.Time
	used  bool
}

// idle reports whether the lease may be taken from a machine that was never heard
// of again.
func (l *Lease) idle(now time.Time) bool {
	return !l.offered && !l.used && now.Sub(l.given) >= idleTime
}

func (l *Lease) live(now time.Time) bool { return now.Before(l.Expires) }

// client returns the lease's holder as the other protocols name it.
func (l *Lease) client() boot.Client {
	mac, _ := net.ParseMAC(l.MAC) // checked when the lease was made or loaded
	return boot.Client{
		MAC: mac, UUID: l.UUID, Arch: l.Arch, Addr: l.Addr,
		Manufacturer: l.Manufacturer, Product: l.Product, Serial: l.Serial,
	}
}

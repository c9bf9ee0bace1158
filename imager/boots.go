package imager

import (
	"net/netip"
	"time"
)

// Boots is what the boot servers see of machines on their way to the agent.
type Boots struct {
	// Rivals are other DHCP servers that answer on the bench network. While
	// there is one, no new address is offered.
	Rivals []netip.Addr `json:"rivals,omitempty"`
	// Clients have not reached the agent since their last power-on, latest
	// first.
	Clients []Boot `json:"clients"`
}

// Boot is one machine on its way to the agent, as its firmware and boot loader
// show it. It may be a machine that was never met.
type Boot struct {
	MAC  string     `json:"mac"` // lower case with colons
	Addr netip.Addr `json:"addr"`
	UUID string     `json:"uuid,omitempty"`
	// Machine is the number of the machine that this seems to be; 0 for none.
	Machine int `json:"machine,omitempty"`
	// Name is what the firmware tells of maker, product and serial; it may be
	// empty.
	Name string `json:"name,omitempty"`
	Arch string `json:"arch"`
	// Stage is the last one seen (boot.Stage), At its time, Began the time of
	// this boot's first, Chain its way (boot.Chain).
	Stage string    `json:"stage"`
	Chain string    `json:"chain,omitempty"`
	At    time.Time `json:"at"`
	Began time.Time `json:"began"`
	// Tries counts the boots in a row that did not reach the agent, this one
	// included.
	Tries int `json:"tries"`
	// Held is set when three boots in a row failed and an operator is asked
	// before the machine is given the agent again.
	Held bool `json:"held,omitempty"`
	// Trouble is nil while all goes as it should.
	Trouble *BootTrouble `json:"trouble,omitempty"`
}

// BootTrouble is why a machine does not reach the agent, and what to do.
type BootTrouble struct {
	// Kind is a small enumeration, for metrics: package bootwatch lists it.
	Kind string `json:"kind"`
	// Cause and Advice are for a technician.
	Cause  string `json:"cause"`
	Advice string `json:"advice"`
}

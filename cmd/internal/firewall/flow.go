// Package firewall knows every flow of packets that an appliance needs, and
// writes them down: as the table of the documentation and as nftables rules that
// let nothing else in. Both come from one list, so that they cannot differ. It
// is pure: it opens no socket and changes no rule.
package firewall

import (
	"net/netip"
)

// Zone is where packets come from or go to.
type Zone string

// The zones.
const (
	Bench     Zone = "bench"     // the machines' network; nobody there is trusted
	Office    Zone = "office"    // every other network of the appliance
	Appliance Zone = "appliance" // the appliance itself
)

// Mode says in which of the bench's DHCP modes a flow is needed.
type Mode string

// The modes.
const (
	Always Mode = "both"
	DHCP   Mode = "dhcp"
	Proxy  Mode = "proxy"
)

// Flow is one kind of packets that is allowed.
type Flow struct {
	From, To Zone
	// What are the protocol and the ports, as people write them.
	What      string
	Purpose   string
	Encrypted string
	Mode      Mode
	// Matches are conditions in the language of nftables, without the
	// interface; a packet that meets one of them is let in. There is none
	// where Why says so.
	Matches []string
	// Why no condition is needed.
	Why string
}

// Config is what the flows depend on.
type Config struct {
	// Interface is the bench's, Address the appliance's on it, with the
	// bench network's prefix.
	Interface string
	Address   netip.Prefix
	// HTTPPort and AgentPort are those of the bench side.
	HTTPPort, AgentPort uint16
	// Proxy is whether the site's DHCP server gives the addresses; machines
	// may then come from any network.
	Proxy bool
	// Relayed are the machines' networks behind DHCP relays.
	Relayed []netip.Prefix
	// Admin is where the page is. Without an address it is at each of the
	// appliance's but the bench's.
	Admin netip.AddrPort
	// AdminFrom are the networks from which page and SSH may be reached;
	// none is everywhere but the bench.
	AdminFrom []netip.Prefix
	// SSHPort is the port of the appliance's SSH server; 0 keeps it shut.
	SSHPort uint16
}

// Flows lists the flows that c needs, in the order of a boot.
func Flows(c Config) []Flow {
	var needed []Flow
	for _, f := range Matrix(c) {
		if f.Mode == Always || (f.Mode == Proxy) == c.Proxy {
			needed = append(needed, f)
		}
	}
	return needed
}

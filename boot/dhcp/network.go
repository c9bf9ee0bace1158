package dhcp

import (
	"net"
	"net/netip"
	"time"

	"regain.example/boot/script"
)

// Network is a network whose machines are given addresses.
type Network struct {
	// Prefix is the network's; its address part does not matter.
	Prefix netip.Prefix
	Pool   Pool
	// Router is told to the machines; zero for none.
	Router netip.Addr
}

// Config says what the server hands out.
type Config struct {
	// Address is the server's own address and the bench network's prefix.
	Address netip.Prefix
	// Hardware is the hardware address of the server's own interface.
	Hardware net.HardwareAddr
	// Pool is the range of addresses on the bench network.
	Pool Pool
	// Relays are further networks. Their machines reach the server through a
	// relay that has an address there.
	Relays []Network
	// LeaseTime is how long a machine keeps its address without renewing. In
	// proxy mode it is how long the server remembers who had an address.
	LeaseTime time.Duration
	// Scripts says where iPXE and UEFI's HTTP Boot find their files.
	Scripts script.Server
	// Controller is cmdline.Params's, told to agents that ask for it; "" for none.
	Controller string
}

// Pools returns the pools of all networks.
func (c Config) Pools() []Pool {
	pools := []Pool{c.Pool}
	for _, r := range c.Relays {
		pools = append(pools, r.Pool)
	}
	return pools
}

// network finds the network that the client is on (RFC 2131 section 4.3.1): the
// one that the relay's address lies in; without a relay the one that the
// client's own address lies in; else the bench network, which it must be on
// for its broadcast to come through.
func (c Config) network(relay, current netip.Addr) (Network, bool) {
	here := Network{Prefix: c.Address, Pool: c.Pool}
	if relay == c.Address.Addr() {
		return Network{}, false // nobody relays from our own address
	}
	for _, n := range append([]Network{here}, c.Relays...) {
		if n.Prefix.Contains(relay) || relay.IsUnspecified() && n.Prefix.Contains(current) {
			return n, true
		}
	}
	return here, relay.IsUnspecified()
}

// local reports whether the server is on the network itself.
func (c Config) local(n Network) bool { return n.Prefix.Contains(c.Address.Addr()) }

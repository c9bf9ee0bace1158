package firewall

import (
	"fmt"
	"net/netip"
	"strings"
)

// anyAddress stands for all of the appliance's addresses.
var anyAddress = netip.Addr{}

// fromOffice are the conditions under which people reach a TCP port at addr. One
// of a family that AdminFrom does not name is not reached.
func (c Config) fromOffice(addr netip.Addr, port uint16) []string {
	to := fmt.Sprintf("tcp dport %d", port)
	if addr.IsValid() {
		to = fmt.Sprintf("%s daddr %s %s", family(addr), addr, to)
	}
	if len(c.AdminFrom) == 0 {
		return []string{to}
	}
	sources := map[string][]netip.Prefix{}
	for _, p := range c.AdminFrom {
		f := family(p.Addr())
		sources[f] = append(sources[f], p)
	}
	var all []string
	for _, f := range []string{"ip", "ip6"} {
		if len(sources[f]) > 0 && (!addr.IsValid() || family(addr) == f) {
			all = append(all, fmt.Sprintf("%s saddr { %s } %s", f, list(sources[f]), to))
		}
	}
	return all
}

// family is nftables' word for the protocol of an address.
func family(a netip.Addr) string {
	if a.Is4() {
		return "ip"
	}
	return "ip6"
}

// list writes networks as a set of nftables has them.
func list(networks []netip.Prefix) string {
	var all []string
	for _, p := range networks {
		all = append(all, p.Masked().String())
	}
	return strings.Join(all, ", ")
}

package firewall

import (
	"fmt"
	"net/netip"
)

// The ports that no configuration changes.
const (
	portDHCP       = 67   // RFC 2131 section 4.1
	portDHCPClient = 68   // the same
	portTFTP       = 69   // RFC 1350
	portPXE        = 4011 // PXE specification 2.1, section 2.2.3
)

// Matrix lists the flows of both modes.
func Matrix(c Config) []Flow { return append(benchFlows(c), officeFlows(c)...) }

func benchFlows(c Config) []Flow {
	to := fmt.Sprintf("ip daddr %s", c.Address.Addr())
	if !c.Proxy {
		to = fmt.Sprintf("ip saddr { %s } %s", list(append([]netip.Prefix{c.Address}, c.Relayed...)), to)
	}
	return []Flow{
		{Bench, Appliance, fmt.Sprintf("UDP %d", portDHCP),
			"DHCP: addresses, names of boot files; a started agent that asks who the controller is; relays", "no", Always,
			[]string{fmt.Sprintf("udp dport %d", portDHCP)}, ""},
		{Bench, Appliance, fmt.Sprintf("UDP %d", portPXE),
			"PXE boot server: the boot part for machines that have an address from the site", "no", Proxy,
			[]string{fmt.Sprintf("ip daddr %s udp dport %d", c.Address.Addr(), portPXE)}, ""},
		{Bench, Appliance, fmt.Sprintf("UDP %d", portDHCPClient),
			"answers of other DHCP servers, which the appliance looks for", "no", Always,
			[]string{fmt.Sprintf("udp sport %d udp dport %d", portDHCP, portDHCPClient)}, ""},
		{Appliance, Bench, "ARP", "is an address in use, before it is given", "no", DHCP,
			nil, "ARP is not IP; nftables' family inet does not see it"},
		{Bench, Appliance, fmt.Sprintf("UDP %d", portTFTP), "TFTP: requests for loaders, GRUB's configuration, kernel, initramfs", "no", Always,
			[]string{fmt.Sprintf("%s udp dport %d", to, portTFTP)}, ""},
		{Appliance, Bench, "UDP, one port for each transfer", "TFTP: the transfers", "no", Always,
			nil, "the appliance sends the first packet, so conntrack knows the answers"},
		{Bench, Appliance, "ICMPv6 133", "router solicitations, answered with an advertisement that offers nothing: iPXE need not wait", "no", Always,
			[]string{"icmpv6 type nd-router-solicit ip6 hoplimit 255"}, ""},
		{Bench, Appliance, "ICMPv6 130, 135, 136", "IPv6's own upkeep: neighbours, and the switch's question who listens", "no", Always,
			[]string{"icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255", "icmpv6 type mld-listener-query ip6 saddr fe80::/10"}, ""},
		{Bench, Appliance, fmt.Sprintf("TCP %d (`bench.http_port`)", c.HTTPPort),
			"HTTP: boot scripts, loaders, kernel, initramfs, frames of master images", "no; frames are signed", Always,
			[]string{fmt.Sprintf("%s tcp dport %d", to, c.HTTPPort)}, ""},
		{Bench, Appliance, fmt.Sprintf("TCP %d (`bench.agent_port`)", c.AgentPort),
			"HTTPS: agent API, first-boot call", "TLS, the server's key pinned", Always,
			[]string{fmt.Sprintf("%s tcp dport %d", to, c.AgentPort)}, ""},
	}
}

func officeFlows(c Config) []Flow {
	page := Flow{Office, Appliance, fmt.Sprintf("TCP %d (`admin.listen`)", c.Admin.Port()),
		"HTTPS: the page, its API, Prometheus at /metrics", "TLS", Always, nil, ""}
	if c.Admin.Addr().IsLoopback() {
		page.Why = "admin.listen is a loopback address: the page is reached on the appliance itself, or through SSH"
	} else {
		page.Matches = c.fromOffice(c.Admin.Addr(), c.Admin.Port())
	}
	ssh := Flow{Office, Appliance, fmt.Sprintf("TCP %d (`--ssh-port`)", c.SSHPort), "SSH, the site's own: administration", "SSH", Always, nil, ""}
	if c.SSHPort == 0 {
		ssh.Why = "SSH is shut (--ssh-port 0)"
	} else {
		ssh.Matches = c.fromOffice(anyAddress, c.SSHPort)
	}
	return []Flow{page, ssh,
		{Office, Appliance, "ICMP 8, ICMPv6 128; ICMPv6 130, 134-136", "echo; IPv6's own upkeep", "no", Always, []string{
			"icmp type echo-request", "icmpv6 type echo-request",
			"icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255",
			"icmpv6 type mld-listener-query ip6 saddr fe80::/10",
		}, ""},
		{Office, Appliance, fmt.Sprintf("UDP %d", portDHCPClient), "the appliance's own address, where the office's DHCP server gives it", "no", Always,
			[]string{fmt.Sprintf("udp sport %d udp dport %d", portDHCP, portDHCPClient)}, ""},
	}
}

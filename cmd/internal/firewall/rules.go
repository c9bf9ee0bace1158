package firewall

import (
	"fmt"
	"io"
	"strings"
)

// connections is how many TCP connections one bench address may have at once.
// The servers refuse at 32 for each port; this keeps the kernel's table of
// connections, which the office shares, from being filled.
const connections = 64

// Rules writes the nftables rules for c: a table of its own, which replaces
// itself when it is loaded again and leaves all others alone.
func Rules(w io.Writer, c Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	_, err := io.WriteString(w, c.rules())
	return err
}

func (c Config) rules() string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line(header, c.mode(), c.Interface)
	line("\tchain untracked {\n\t\ttype filter hook prerouting priority raw; policy accept;")
	line("\t\t# An invented sender costs no entry in the kernel's table of connections.")
	line("\t\tiifname %q udp dport { %d, %d, %d, %d } notrack\n\t}\n", c.Interface, portDHCP, portDHCPClient, portTFTP, portPXE)
	line(input, c.Interface)
	line("\tchain bench {\n\t\ttcp dport { %d, %d } ct state new add @connections { ip saddr ct count over %d } counter drop",
		c.HTTPPort, c.AgentPort, connections)
	c.let(&b, Bench)
	line(dropped, "bench")
	line("\tchain office {")
	c.let(&b, Office)
	line(dropped, "office")
	line(forward)
	return b.String()
}

// let writes a rule for each condition of the flows from a zone.
func (c Config) let(b *strings.Builder, from Zone) {
	for _, f := range Flows(c) {
		if f.From != from {
			continue
		}
		fmt.Fprintf(b, "\t\t# %s: %s\n", strings.ReplaceAll(f.What, "`", ""), f.Purpose)
		if len(f.Matches) == 0 {
			fmt.Fprintf(b, "\t\t# (%s)\n", f.Why)
		}
		for _, m := range f.Matches {
			fmt.Fprintf(b, "\t\t%s accept\n", m)
		}
	}
}

func (c Config) mode() Mode {
	if c.Proxy {
		return Proxy
	}
	return DHCP
}

const header = `# Written by "regain firewall" for mode %s; the bench is behind %s.
# Load it with "nft -f FILE". It replaces what an earlier one has loaded and
# touches no other table. What is not allowed here is dropped, whatever other
# tables allow.

table inet regain
delete table inet regain

table inet regain {
	# The bench's addresses that have TCP connections.
	set connections {
		type ipv4_addr; size 65535; flags dynamic
	}
`

const input = `	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		ct state invalid counter drop
		iifname %q goto bench
		goto office
	}
`

const dropped = `		# Nothing else.
		limit rate 6/minute burst 5 packets log prefix "regain %s drop: "
		counter drop
	}
`

const forward = `	# Nothing passes through the appliance, from the bench to the office least of
	# all. What the appliance itself sends is not filtered: it opens connections
	# to nobody, and each socket of the bench side is bound to the bench interface.
	chain forward {
		type filter hook forward priority filter; policy drop;
		counter drop
	}
}`

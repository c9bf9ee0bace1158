package cli

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"

	"regain.example/cmd/internal/config"
	"regain.example/cmd/internal/firewall"
)

const firewallLong = `
Prints nftables rules that let in what the configuration needs and drop the rest:
the flow matrix of docs/network.md. Nothing is forwarded. It changes nothing; to
load the rules now, and at each start:

    regain firewall | nft -f -
    regain firewall > /etc/regain/regain.nft
    echo 'include "/etc/regain/regain.nft"' >> /etc/nftables.conf

Load them from the appliance's own screen, or make sure of --ssh-port first:
what they do not name is shut. They replace only what an earlier regain firewall
has loaded; run it again when the configuration has changed.`

func firewallCommand() command {
	var s settings
	var from prefixes
	ssh := uint(22)
	return command{
		name: "firewall", short: "print the nftables rules for this configuration", long: firewallLong,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.Var(&from, "admin-from", "`network` from which the page and SSH may be reached, such as 192.0.2.0/24; may be\ngiven several times; none: from everywhere but the bench")
			fs.UintVar(&ssh, "ssh-port", ssh, "TCP `port` of the appliance's SSH server; 0 shuts it")
		},
		run: func(_ context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			if ssh > 65535 {
				return fmt.Errorf("%w: --ssh-port %d is not a port", errUsage, ssh)
			}
			c, err := s.load()
			if err != nil {
				return err
			}
			f, err := firewallConfig(c)
			if err != nil {
				return err
			}
			f.AdminFrom, f.SSHPort = from, uint16(ssh)
			return firewall.Rules(p.Out, f)
		},
	}
}

// firewallConfig takes what the rules depend on from a valid configuration.
func firewallConfig(c config.Config) (firewall.Config, error) {
	host, service, err := net.SplitHostPort(c.Admin.Listen)
	if err != nil {
		return firewall.Config{}, fmt.Errorf("admin.listen: %w", err)
	}
	port, err := net.LookupPort("tcp", service)
	if err != nil {
		return firewall.Config{}, fmt.Errorf("admin.listen: %w", err)
	}
	addr, _ := netip.ParseAddr(host) // a name stands for no address: see firewall.Config
	if host == "localhost" {
		addr = netip.MustParseAddr("127.0.0.1")
	}
	b := c.Bench
	var relayed []netip.Prefix
	for _, r := range b.Relays {
		relayed = append(relayed, r.Network)
	}
	return firewall.Config{
		Interface: b.Interface, Address: b.Address,
		Proxy: b.Mode == config.ModeProxy, Relayed: relayed,
		HTTPPort: uint16(b.HTTPPort), AgentPort: uint16(b.AgentPort),
		Admin: netip.AddrPortFrom(addr.Unmap().WithZone(""), uint16(port)),
	}, nil
}

// prefixes is a flag.Value that may be given several times.
type prefixes []netip.Prefix

// String lists the networks.
func (p *prefixes) String() string {
	if p == nil || len(*p) == 0 {
		return ""
	}
	return fmt.Sprint(*p)
}

// Set reads one network.
func (p *prefixes) Set(s string) error {
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("%q is not a network such as 192.0.2.0/24", s)
	}
	*p = append(*p, network)
	return nil
}

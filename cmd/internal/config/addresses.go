package config

import (
	"errors"
	"fmt"
	"net/netip"
)

// validateMode checks who gives addresses, and which. In proxy mode the pool is
// not used; what it says does not matter then.
func (b Bench) validateMode() error {
	switch b.Mode {
	case ModeProxy:
		if len(b.Relays) > 0 {
			return errors.New("bench.relay: in proxy mode the site's server gives the addresses of every network: leave the table out")
		}
		return nil
	case ModeDHCP:
		return errors.Join(b.Pool.validate("bench.pool", b.Address), b.validateRelays())
	}
	return fmt.Errorf("bench.mode: %q is neither dhcp nor proxy", b.Mode)
}

func (b Bench) validateRelays() error {
	var errs []error
	seen := []netip.Prefix{b.Address}
	for i, r := range b.Relays {
		what := fmt.Sprintf("bench.relay, entry %d", i+1)
		if !r.Network.IsValid() || !r.Network.Addr().Is4() || r.Network.Bits() > 30 {
			errs = append(errs, fmt.Errorf("%s: network: %s is not an IPv4 network: write it as 10.78.0.0/24", what, r.Network))
			continue
		}
		for _, other := range seen {
			if other.Overlaps(r.Network) {
				errs = append(errs, fmt.Errorf("%s: network: %s overlaps %s: a relay's network is another one", what, r.Network, other.Masked()))
			}
		}
		seen = append(seen, r.Network)
		errs = append(errs, r.Pool.validate(what+": pool", r.Network))
		if r.Router.IsValid() && !r.Network.Contains(r.Router) {
			errs = append(errs, fmt.Errorf("%s: router: %s is not within %s: name the router's address in the machines' network", what, r.Router, r.Network.Masked()))
		}
		if r.Router.IsValid() && !r.Router.Less(r.Pool.First) && !r.Pool.Last.Less(r.Router) {
			errs = append(errs, fmt.Errorf("%s: pool: it contains the router %s: leave it out", what, r.Router))
		}
	}
	return errors.Join(errs...)
}

// validate checks a pool of the network that net's address is in.
func (r Range) validate(name string, net netip.Prefix) error {
	switch {
	case !r.First.IsValid() || !r.Last.IsValid():
		return fmt.Errorf("%s: write a range such as 10.77.0.50-10.77.0.250", name)
	case !net.Contains(r.First) || !net.Contains(r.Last):
		return fmt.Errorf("%s: %s-%s is not within %s: choose addresses of that network", name, r.First, r.Last, net.Masked())
	case r.Last.Less(r.First):
		return fmt.Errorf("%s: %s comes after %s: write the lower address first", name, r.First, r.Last)
	case !net.Addr().Less(r.First) && !r.Last.Less(net.Addr()):
		return fmt.Errorf("%s: %s-%s contains the own address %s: leave it out", name, r.First, r.Last, net.Addr())
	}
	return nil
}

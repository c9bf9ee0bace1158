package firewall

import (
	"errors"
	"fmt"
	"regexp"
)

// plainName are the names of interfaces that mean the same to nftables: it reads
// others as patterns, or not at all.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$`)

// Check says what keeps rules from being written for c.
func (c Config) Check() error {
	var errs []error
	if !plainName.MatchString(c.Interface) || c.Interface == "lo" {
		errs = append(errs, fmt.Errorf("firewall: the bench interface %q is not a name that nftables takes as it is; rename it", c.Interface))
	}
	if !c.Address.IsValid() || !c.Address.Addr().Is4() {
		errs = append(errs, fmt.Errorf("firewall: %s is not the appliance's IPv4 address on the bench", c.Address))
	}
	if c.HTTPPort == 0 || c.AgentPort == 0 || c.Admin.Port() == 0 {
		errs = append(errs, errors.New("firewall: the ports of boot files, agents and page must be known"))
	}
	a := c.Admin.Addr()
	if a.IsValid() && !a.IsLoopback() && len(c.AdminFrom) > 0 && len(c.fromOffice(a, c.Admin.Port())) == 0 {
		errs = append(errs, fmt.Errorf("firewall: nobody could reach the page: admin.listen is %s, and no network of that protocol is named", a))
	}
	return errors.Join(errs...)
}

package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"regain.example/imager"
)

// maxInterface is the longest name of an interface, IFNAMSIZ - 1 of Linux.
const maxInterface = 15

// Validate says everything that is wrong, and what to write instead. A
// configuration without profiles gets the default one.
func (c *Config) Validate() error {
	if len(c.Profiles) == 0 {
		c.Profiles = []imager.Profile{DefaultProfile()}
	}
	return errors.Join(c.Bench.validate(), c.Admin.validate(c.Bench), c.Log.validate(),
		absolute("state_dir", c.StateDir), absolute("boot_dir", c.BootDir),
		validateProfiles(c.Profiles), validateProtected(c.Protected))
}

func absolute(name, path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("%s: %q is not an absolute path: write it from / on", name, path)
	}
	return nil
}

func (b Bench) validate() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if b.Interface == "" || len(b.Interface) > maxInterface {
		bad("bench.interface: %q is not an interface: name the one that the benches are plugged into (ip link lists them)", b.Interface)
	}
	if !b.Address.IsValid() || !b.Address.Addr().Is4() || b.Address.Bits() > 30 {
		bad("bench.address: %s is not an IPv4 address with a prefix of at most /30: write it as 10.77.0.1/24", b.Address)
		return errors.Join(errs...)
	}
	errs = append(errs, b.validateMode())
	if d := time.Duration(b.Lease); d < 2*time.Minute || d > 7*24*time.Hour {
		bad("bench.lease: %s is not between 2m and 168h; it must outlast the erasure of a large drive, 24h does", d)
	}
	if !validPort(b.HTTPPort) || !validPort(b.AgentPort) || b.HTTPPort == b.AgentPort {
		bad("bench.http_port and bench.agent_port: %d and %d must be two different ports from 1 to 65535", b.HTTPPort, b.AgentPort)
	}
	if d := time.Duration(b.SessionGrace); d < time.Second || d > 10*time.Minute {
		bad("bench.session_grace: %s is not between 1s and 10m", d)
	}
	return errors.Join(errs...)
}

func validPort(p int) bool { return p > 0 && p <= 65535 }

func (a Admin) validate(b Bench) error {
	var errs []error
	host, _, err := net.SplitHostPort(a.Listen)
	if err != nil {
		errs = append(errs, fmt.Errorf("admin.listen: %q is not host:port: write it as 127.0.0.1:8444", a.Listen))
	} else if err := adminHost(host, b.Address); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, absolute("admin.socket", a.Socket))
	if (a.TLSCert == "") != (a.TLSKey == "") {
		errs = append(errs, errors.New("admin.tls_cert and admin.tls_key: give both files, or neither"))
	}
	return errors.Join(errs...)
}

// adminHost keeps the people's listener off the bench network: an unspecified
// address would listen there too.
func adminHost(host string, bench netip.Prefix) error {
	ip, err := netip.ParseAddr(host)
	if host == "" || (err == nil && ip.IsUnspecified()) {
		return fmt.Errorf("admin.listen: %q listens on every network, the bench too: name one address of this machine", host)
	}
	if err == nil && bench.IsValid() && bench.Contains(ip.Unmap()) {
		return fmt.Errorf("admin.listen: %s is on the bench network %s: people are not served there, name an address of another network",
			host, bench.Masked())
	}
	return nil
}

func (l Log) validate() error {
	if l.Format != "text" && l.Format != "json" {
		return fmt.Errorf("log.format: %q is neither text nor json", l.Format)
	}
	if _, err := l.level(); err != nil {
		return fmt.Errorf("log.level: %q is none of debug, info, warn, error", l.Level)
	}
	return nil
}

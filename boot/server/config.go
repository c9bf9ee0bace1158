// Package server joins the boot protocols to one server on one interface.
package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"regain.example/boot/dhcp"
	"regain.example/boot/script"
)

// Config is what an administrator decides.
type Config struct {
	// Interface is the bench network's interface; nothing is heard or sent
	// on another.
	Interface string
	// Address is this host's address on it, with the network's prefix.
	Address netip.Prefix
	// Pool is the range of addresses for machines.
	Pool dhcp.Pool
	// LeaseTime is how long a machine keeps its address without renewing. It
	// must be longer than a job: not every system on a bench renews. 0 is
	// DefaultLeaseTime.
	LeaseTime time.Duration
	// LeaseFile keeps the leases; its directory must exist.
	LeaseFile string
	// Dir holds the files of boot.Files, the kernel and the initramfs.
	Dir string
	// HTTPPort is where scripts, kernel, initramfs and images are served. 0
	// is port 80.
	HTTPPort uint16
	// Agent is what every agent is started with.
	Agent script.Agent
	// Images, if not nil, is served below /images/.
	Images http.Handler
}

// DefaultLeaseTime outlasts the overwriting of a large drive.
const DefaultLeaseTime = 24 * time.Hour

func (c Config) withDefaults() Config {
	if c.LeaseTime == 0 {
		c.LeaseTime = DefaultLeaseTime
	}
	if c.HTTPPort == 0 {
		c.HTTPPort = 80
	}
	return c
}

func (c Config) check() error {
	if c.Interface == "" {
		return fmt.Errorf("boot server: no bench interface is configured; name one")
	}
	if !c.Address.Addr().Is4() || c.Address.Bits() > 30 {
		return fmt.Errorf("boot server: the bench address %s is not an IPv4 address with its prefix, such as 10.77.0.1/24", c.Address)
	}
	if c.LeaseTime < 2*time.Minute {
		return fmt.Errorf("boot server: a lease time of %s is too short; give 2 minutes or more", c.LeaseTime)
	}
	if err := c.Agent.Check(); err != nil {
		return fmt.Errorf("boot server: %w", err)
	}
	if err := c.Pool.Check(c.Address); err != nil {
		return fmt.Errorf("boot server: %w", err)
	}
	return nil
}

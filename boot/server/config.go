// Package server joins the boot protocols to one server on one interface.
package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
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
	// Proxy leaves the addresses to the site's DHCP server; Pool and Relays
	// are not used then.
	Proxy bool
	// Pool is the range of addresses for machines.
	Pool dhcp.Pool
	// Relays are further networks, behind DHCP relays.
	Relays []dhcp.Network
	// LeaseTime is how long a machine keeps its address without renewing. It
	// must be longer than a job: not every system on a bench renews. 0 is
	// DefaultLeaseTime.
	LeaseTime time.Duration
	// LeaseFile keeps the leases; its directory must exist. In proxy mode it
	// keeps who was seen with which address: give it another name there.
	LeaseFile string
	// BookFile keeps what came of the machines' attempts to boot; "" is
	// DefaultBook beside the leases.
	BookFile string
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

// DefaultBook is the name of the book of boot chains.
const DefaultBook = "boots.json"

func (c Config) withDefaults() Config {
	if c.BookFile == "" {
		c.BookFile = filepath.Join(filepath.Dir(c.LeaseFile), DefaultBook)
	}
	if c.LeaseTime == 0 {
		c.LeaseTime = DefaultLeaseTime
	}
	if c.HTTPPort == 0 {
		c.HTTPPort = 80
	}
	return c
}

func (c Config) pools() []dhcp.Pool {
	if c.Proxy {
		return nil
	}
	return c.dhcp(script.Server{}).Pools()
}

func (c Config) dhcp(s script.Server) dhcp.Config {
	return dhcp.Config{
		Address: c.Address, Pool: c.Pool, Relays: c.Relays, LeaseTime: c.LeaseTime,
		Scripts: s, Controller: c.Agent.Controller,
	}
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
	if c.Proxy {
		return nil
	}
	if err := c.Pool.Check(c.Address); err != nil {
		return fmt.Errorf("boot server: %w", err)
	}
	for _, r := range c.Relays {
		if err := r.Pool.Check(r.Prefix); err != nil {
			return fmt.Errorf("boot server: network %s behind a relay: %w", r.Prefix.Masked(), err)
		}
	}
	return nil
}

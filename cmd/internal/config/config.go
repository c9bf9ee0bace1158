// Package config reads the one configuration file of Regain. Flags override it;
// Bind gives each setting its flag and its explanation.
package config

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// DefaultPath is where the configuration file is looked for.
const DefaultPath = "/etc/regain/regain.toml"

// Config is everything that an administrator can set.
type Config struct {
	// StateDir holds the store, the keys and the images. Only the controller
	// may read it.
	StateDir string `toml:"state_dir"`
	// BootDir holds what machines boot: loaders, kernel and initramfs.
	BootDir  string           `toml:"boot_dir"`
	Bench    Bench            `toml:"bench"`
	Admin    Admin            `toml:"admin"`
	Log      Log              `toml:"log"`
	Profiles []imager.Profile `toml:"-"` // [[profile]]; see profileFile
	// Protected are the machines and drives that are never erased here.
	Protected []imager.Protected `toml:"-"` // [[protected]]
}

// Bench is the isolated network that the machines are plugged into.
type Bench struct {
	Interface string `toml:"interface"`
	// Address is the controller's on that interface, with the length of the
	// network's prefix.
	Address netip.Prefix `toml:"address"`
	// Mode says who gives addresses to machines, see ModeDHCP.
	Mode  string   `toml:"mode"`
	Pool  Range    `toml:"pool"` // given to machines
	Lease Duration `toml:"lease"`
	// Relays are networks behind DHCP relays.
	Relays []Relay `toml:"relay"`
	// HTTPPort serves boot files and image frames, AgentPort the agent API
	// over TLS.
	HTTPPort  int `toml:"http_port"`
	AgentPort int `toml:"agent_port"`
	// SessionGrace is how long a machine's former session may still speak
	// after the machine has registered anew.
	SessionGrace Duration `toml:"session_grace"`
	// KernelParameters are added to the agent's kernel command line.
	KernelParameters string `toml:"kernel_parameters"`
}

// The modes of DHCP.
const (
	// ModeDHCP: the controller gives the addresses, and nobody else does.
	ModeDHCP = "dhcp"
	// ModeProxy: the site's server gives the addresses, the controller adds
	// what machines boot (PXE 2.1 section 2.2).
	ModeProxy = "proxy"
)

// Relay is a network whose machines reach the controller through a DHCP relay
// (RFC 2131 section 4.1).
type Relay struct {
	Network netip.Prefix `toml:"network"`
	Pool    Range        `toml:"pool"`
	// Router is the way from that network to the controller, told to the
	// machines; zero for none.
	Router netip.Addr `toml:"router"`
}

// Admin is the side that people and Prometheus use.
type Admin struct {
	Listen string `toml:"listen"` // host:port, HTTPS
	Socket string `toml:"socket"` // of the command line
	// TLSCert and TLSKey are PEM files; both empty for a certificate that the
	// controller makes and signs itself.
	TLSCert string `toml:"tls_cert"`
	TLSKey  string `toml:"tls_key"`
	// MetricsTokenFile holds the bearer token of /metrics; it is made at the
	// first start. Empty for metrics-token in StateDir.
	MetricsTokenFile string `toml:"metrics_token_file"`
}

// Log says how the controller logs to standard error.
type Log struct {
	Format string `toml:"format"` // "text" or "json"
	Level  string `toml:"level"`  // "debug", "info", "warn" or "error"
}

// Default returns the settings that hold where neither file nor flag says
// otherwise.
func Default() Config {
	return Config{
		StateDir: "/var/lib/regain",
		BootDir:  "/usr/share/regain/boot",
		Bench: Bench{
			Interface: "bench0",
			Address:   netip.MustParsePrefix("10.77.0.1/24"),
			Pool: Range{
				First: netip.MustParseAddr("10.77.0.50"),
				Last:  netip.MustParseAddr("10.77.0.250"),
			},
			Mode:         ModeDHCP,
			Lease:        Duration(24 * time.Hour),
			HTTPPort:     80,
			AgentPort:    8443,
			SessionGrace: Duration(30 * time.Second),
		},
		Admin: Admin{Listen: "127.0.0.1:8444", Socket: "/run/regain/admin.sock"},
		Log:   Log{Format: "text", Level: "info"},
	}
}

// DefaultProfile is what a profile's absent keys mean, and the only profile of a
// configuration without any.
func DefaultProfile() imager.Profile {
	return imager.Profile{
		Name:             "erase",
		Title:            "Erase only",
		Verify:           api.VerifyNISTR2,
		CountdownSeconds: 30,
		ExcludeRemovable: true,
		AtEnd:            api.EndPowerOff,
	}
}

// Duration is a time.Duration that is written as in "90s" or "1h".
type Duration time.Duration

// UnmarshalText reads "90s", "15m", "1h".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as \"90s\" or \"1h\"", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText is the reverse of UnmarshalText.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Range is a run of IPv4 addresses, both ends included.
type Range struct{ First, Last netip.Addr }

// UnmarshalText reads "10.77.0.50-10.77.0.250".
func (r *Range) UnmarshalText(b []byte) error {
	first, last, found := strings.Cut(string(b), "-")
	if !found {
		return fmt.Errorf("%q is not a range such as \"10.77.0.50-10.77.0.250\"", b)
	}
	var v Range
	var err error
	if v.First, err = netip.ParseAddr(strings.TrimSpace(first)); err != nil {
		return fmt.Errorf("range %q: %w", b, err)
	}
	if v.Last, err = netip.ParseAddr(strings.TrimSpace(last)); err != nil {
		return fmt.Errorf("range %q: %w", b, err)
	}
	*r = v
	return nil
}

// MarshalText is the reverse of UnmarshalText.
func (r Range) MarshalText() ([]byte, error) {
	return []byte(r.First.String() + "-" + r.Last.String()), nil
}

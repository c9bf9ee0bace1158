package config

import "flag"

// Bind gives each setting its flag. The flag's default is the value that c has
// when Bind is called.
func (c *Config) Bind(fs *flag.FlagSet) {
	fs.StringVar(&c.StateDir, "state-dir", c.StateDir,
		"`directory` of the store, the keys and the images; made with mode 0700 if absent")
	fs.StringVar(&c.BootDir, "boot-dir", c.BootDir,
		"`directory` of what machines boot: loaders, vmlinuz, initramfs")

	fs.StringVar(&c.Bench.Interface, "bench-interface", c.Bench.Interface,
		"network interface of the isolated bench `network`; nothing is served on any other")
	fs.TextVar(&c.Bench.Address, "bench-address", c.Bench.Address,
		"the controller's `address` on that interface, with the prefix length")
	fs.StringVar(&c.Bench.Mode, "bench-mode", c.Bench.Mode,
		"who gives addresses to machines, a `mode`: dhcp (Regain, and nobody else) or proxy (the site's DHCP server)")
	fs.TextVar(&c.Bench.Pool, "bench-pool", c.Bench.Pool,
		"`first-last` address given to machines by DHCP")
	fs.TextVar(&c.Bench.Lease, "bench-lease", c.Bench.Lease,
		"how long an address is given for, a `duration`")
	portVar(fs, &c.Bench.HTTPPort, "bench-http-port",
		"TCP `port` for boot files and image frames")
	portVar(fs, &c.Bench.AgentPort, "bench-agent-port",
		"TCP `port` for the agents, over TLS")
	fs.TextVar(&c.Bench.SessionGrace, "session-grace", c.Bench.SessionGrace,
		"how long a machine's former session may still speak after the machine registered anew, a `duration`;\n"+
			"longer, and it counts as a second machine with the same identity")

	fs.StringVar(&c.Bench.KernelParameters, "kernel-parameters", c.Bench.KernelParameters,
		"further kernel `parameters` of the agent, separated by spaces, such as console=ttyS0")

	fs.StringVar(&c.Admin.Listen, "admin-listen", c.Admin.Listen,
		"`host:port` of the progress page and of /metrics, over TLS; never on the bench network")
	fs.StringVar(&c.Admin.Socket, "admin-socket", c.Admin.Socket,
		"`path` of the Unix socket of the command line")
	fs.StringVar(&c.Admin.TLSCert, "admin-tls-cert", c.Admin.TLSCert,
		"PEM `file` with the certificate of the admin address; none: one is made in the state directory")
	fs.StringVar(&c.Admin.TLSKey, "admin-tls-key", c.Admin.TLSKey,
		"PEM `file` with its key")
	fs.StringVar(&c.Admin.MetricsTokenFile, "metrics-token-file", c.Admin.MetricsTokenFile,
		"`file` with the bearer token of /metrics, made at the first start;\nnone: metrics-token in the state directory")

	fs.StringVar(&c.Log.Format, "log-format", c.Log.Format, "`form` of the log on standard error: text or json")
	fs.StringVar(&c.Log.Level, "log-level", c.Log.Level, "least `level` that is logged: debug, info, warn or error")
}

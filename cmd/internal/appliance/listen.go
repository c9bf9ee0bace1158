package appliance

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"regain.example/boot/bind"
	"regain.example/boot/dhcp"
	"regain.example/boot/httpboot"
	"regain.example/boot/script"
	"regain.example/boot/server"
	"regain.example/cmd/internal/config"
	"regain.example/imager/admin"
	"regain.example/imager/bench"
	"regain.example/imager/metrics"
	"regain.example/imager/tlskey"
	"regain.example/imager/web"
)

// listen binds every socket.
func (a *Appliance) listen() error {
	for _, f := range []func() error{a.listenBench, a.listenPeople, a.listenSocket, a.listenBoot} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// listenBench binds the agent API.
func (a *Appliance) listenBench() error {
	b := a.config.Bench
	l, err := bind.TCP(b.Interface, netip.AddrPortFrom(b.Address.Addr(), uint16(b.AgentPort)))
	if err != nil {
		return err
	}
	a.bench = newEndpoint("agent API", httpboot.Limit(l, a.metrics, a.log), newServer(counted(bench.Handler(a.control, a.log, time.Now), a.metrics), a.log), &a.benchCert)
	return nil
}

// listenBoot makes the boot server and binds its sockets.
func (a *Appliance) listenBoot() error {
	b := a.config.Bench
	adapter := bootAdapter{a.control}
	boot, err := server.New(server.Config{
		Interface: b.Interface,
		Address:   b.Address,
		Proxy:     b.Mode == config.ModeProxy,
		Pool:      dhcp.Pool{First: b.Pool.First, Last: b.Pool.Last},
		Relays:    relays(b),
		LeaseTime: time.Duration(b.Lease),
		LeaseFile: a.state(leaseFile(b)),
		BookFile:  a.state(BookFile),
		Dir:       a.config.BootDir,
		HTTPPort:  uint16(b.HTTPPort),
		Agent: script.Agent{
			Controller: agentURL(b),
			Pin:        a.pin,
			Extra:      strings.Fields(b.KernelParameters),
		},
		Images: a.images.Handler(),
	}, adapter, adapter, a.metrics, a.log)
	if err != nil {
		return err
	}
	if err := boot.Listen(); err != nil {
		boot.Close()
		return err
	}
	a.boot = boot
	return nil
}

func relays(b config.Bench) []dhcp.Network {
	var all []dhcp.Network
	for _, r := range b.Relays {
		all = append(all, dhcp.Network{Prefix: r.Network, Pool: dhcp.Pool{First: r.Pool.First, Last: r.Pool.Last}, Router: r.Router})
	}
	return all
}

// leaseFile keeps the modes apart: what the site's server gave is no lease of
// ours.
func leaseFile(b config.Bench) string {
	if b.Mode == config.ModeProxy {
		return SeenFile
	}
	return LeaseFile
}

// listenPeople binds the pages and the metrics, unless a listener was handed
// over.
func (a *Appliance) listenPeople() error {
	cert, err := a.peoplesCertificate()
	if err != nil {
		return err
	}
	tokenFile := a.config.Admin.MetricsTokenFile
	if tokenFile == "" {
		tokenFile = a.state(TokenFile)
	}
	token, err := metrics.Token(tokenFile)
	if err != nil {
		return err
	}
	l, err := handedOver("admin")
	if err == nil && l == nil {
		l, err = net.Listen("tcp", a.config.Admin.Listen)
	}
	if err != nil {
		return fmt.Errorf("listen on admin.listen %s: %w", a.config.Admin.Listen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler(token))
	mux.Handle("/", web.New(a.control, a.accounts, a.accounts, a.version, time.Now, a.log).Handler())
	a.people = newEndpoint("pages", l, newServer(mux, a.log), &cert)
	return nil
}

func (a *Appliance) peoplesCertificate() (tls.Certificate, error) {
	c := a.config.Admin
	if c.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return cert, fmt.Errorf("admin.tls_cert and admin.tls_key: %w", err)
		}
		return cert, nil
	}
	names := []string{"localhost", "127.0.0.1"}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != names[0] && host != names[1] {
		names = append(names, host)
	}
	return tlskey.Open(a.state(AdminKeyFile), names...)
}

// listenSocket binds the command line's socket.
func (a *Appliance) listenSocket() error {
	l, err := admin.Listen(a.config.Admin.Socket)
	if err != nil {
		return err
	}
	a.socket = newEndpoint("admin socket", l, admin.NewServer(a.control, a.log), nil)
	return nil
}

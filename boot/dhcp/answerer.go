package dhcp

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/internal/quiet"
)

// answerer is what Server and Proxy share: reading requests, choosing what a
// machine boots, writing replies.
type answerer struct {
	config   Config
	decider  boot.Decider
	chooser  Chooser
	observer boot.Observer
	meter    boot.Meter
	log      *slog.Logger
	// proxy: beside another server shim is of use only where it has proven so,
	// see chain.Book.IPXEFirst.
	proxy bool
	quiet *quiet.Log // for what a hostile machine can cause
}

func newAnswerer(c Config, n Needs) answerer {
	return answerer{
		config: c, decider: n.Decider, chooser: n.Chooser, observer: n.Observer, meter: n.Meter,
		log: n.Log, quiet: quiet.New(n.Log, n.Now),
	}
}

// request is a packet that was understood.
type request struct {
	*dhcpv4.DHCPv4
	client boot.Client
	kind   kind
}

// open reads a packet; it is false for one that is passed over.
func (a *answerer) open(packet []byte) (request, bool) {
	p, err := dhcpv4.FromBytes(packet)
	if err != nil {
		a.meter.DHCP("malformed")
		a.warn("malformed DHCP packets; look for a broken or hostile device on the bench network", "err", err)
		return request{}, false
	}
	a.meter.DHCP(name(p.MessageType()))
	c, k, err := read(p)
	if err != nil {
		a.log.Debug("DHCP packet passed over", "err", err)
		return request{}, false
	}
	return request{p, c, k}, true
}

// relay returns the address of the relay that the request came through,
// unspecified for none.
func (r request) relay() netip.Addr { return addr(r.GatewayIPAddr) }

// current returns the address that the client has already, or unspecified.
func (r request) current() netip.Addr { return addr(r.ClientIPAddr) }

// replyTo returns where the answer to a client without an address goes (RFC 2131
// section 4.1).
func (r request) replyTo() netip.AddrPort {
	if relay := r.relay(); !relay.IsUnspecified() {
		return netip.AddrPortFrom(relay, ServerPort)
	}
	return everyone()
}

func everyone() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), ClientPort)
}

// see tells what the machine did. l is what it loads next, where that is known.
func (a *answerer) see(r request, stage boot.Stage, l loader, detail string) {
	a.observer.Observe(boot.Sighting{
		Client: r.client, Stage: stage, By: r.kind.asker(), Chain: l.chain, File: l.file, Detail: detail,
	})
}

// reached tells that the machine was offered an address, or has one; or, if
// nothing is served for its architecture, that.
func (a *answerer) reached(r request, stage boot.Stage, l loader, detail string) {
	if l.unserved {
		a.warn("this machine's firmware is not served; change its network boot to x64 UEFI or to BIOS",
			"machine", r.client.MAC.String(), "arch", r.client.Arch.String())
		stage, detail = boot.StageUnserved, r.client.Arch.String()
	}
	a.see(r, stage, l, detail)
}

// loader is what a machine loads next.
type loader struct {
	file     string // name or URL, "" for nothing
	chain    boot.Chain
	unserved bool // nothing is there for its architecture
}

// loader chooses for the machine. An operating system loads nothing.
func (a *answerer) loader(ctx context.Context, r request) loader {
	c, scripts := r.client, a.config.Scripts
	uefi := c.Arch == boot.ArchEFI64 || c.Arch == boot.ArchEFIBC
	switch {
	case r.kind == kindSystem:
		return loader{}
	case r.kind == kindIPXE && (uefi || c.Arch == boot.ArchBIOS):
		return loader{file: scripts.EntryURL(), chain: boot.ChainIPXE}
	case r.kind == kindPXE && c.Arch == boot.ArchBIOS:
		return loader{file: boot.FileBIOS, chain: boot.ChainIPXE}
	case r.kind == kindPXE && uefi && !a.proxy && a.bootsItsDisk(ctx, c):
		return loader{file: boot.FileShim, chain: boot.ChainShim}
	case r.kind == kindPXE && uefi && a.chooser.Choose(c) == boot.ChainShim:
		return loader{file: boot.FileShim, chain: boot.ChainShim}
	case r.kind == kindPXE && uefi:
		return loader{file: boot.FileUEFI, chain: boot.ChainIPXE}
	case r.kind == kindHTTP && c.Arch == boot.ArchEFI64HTTP && a.chooser.Choose(c) == boot.ChainImage:
		return loader{file: scripts.ImageURL(), chain: boot.ChainImage}
	case r.kind == kindHTTP && c.Arch == boot.ArchEFI64HTTP:
		return loader{file: scripts.LoaderURL(), chain: boot.ChainIPXE}
	}
	return loader{unserved: true}
}

// bootsItsDisk reports whether the machine may skip iPXE: shim and GRUB start
// its disk at once, with Secure Boot on as well, where iPXE does not load. If
// the question fails the machine gets its chain, whose script asks again.
func (a *answerer) bootsItsDisk(ctx context.Context, c boot.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, decideTime)
	defer cancel()
	d, err := a.decider.Decide(ctx, c)
	if err != nil {
		a.warn("decision on what to boot", "machine", c.MAC.String(), "err", err)
		return false
	}
	return d.Action == boot.ActionLocalDisk
}

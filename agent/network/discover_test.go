package network

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
	"github.com/vishvananda/netlink"

	"regain.example/agent/api/cmdline"
)

const (
	controllerURL = "https://198.51.100.1:8443"
	// wait is short, because the far end of the cable is an interface, too, and is
	// tried as well.
	wait = 300 * time.Millisecond
)

// office adds a second cable, "other" and "wall", to the namespace of wire.
func office(t *testing.T) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "other"
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "wall"}); err != nil {
		t.Fatal(err)
	}
}

// dhcp answers on one end of a cable: with the addresses own and offer unless own
// is nil, and to an agent with the controller's address in every reply of a kind in
// tells.
func dhcp(t *testing.T, name string, own, offer net.IP, controller string, tells ...dhcpv4.MessageType) (informs *atomic.Int32) {
	t.Helper()
	end, err := netlink.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	if addrs, err := netlink.AddrList(end, netlink.FAMILY_V4); err != nil || len(addrs) == 0 {
		addr := &netlink.Addr{IPNet: &net.IPNet{IP: own, Mask: net.CIDRMask(24, 32)}}
		if err := errors.Join(err, netlink.AddrAdd(end, addr), netlink.LinkSetUp(end)); err != nil {
			t.Fatal(err)
		}
	}
	informs = &atomic.Int32{}
	server, err := server4.NewServer(name, &net.UDPAddr{Port: dhcpv4.ServerPort}, func(conn net.PacketConn, _ net.Addr, m *dhcpv4.DHCPv4) {
		kind := dhcpv4.MessageTypeAck
		switch m.MessageType() {
		case dhcpv4.MessageTypeDiscover:
			kind = dhcpv4.MessageTypeOffer
		case dhcpv4.MessageTypeInform:
			informs.Add(1)
		}
		with := []dhcpv4.Modifier{dhcpv4.WithMessageType(kind), dhcpv4.WithServerIP(own), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(own))}
		if m.MessageType() != dhcpv4.MessageTypeInform {
			with = append(with, dhcpv4.WithYourIP(offer), dhcpv4.WithNetmask(net.CIDRMask(24, 32)), dhcpv4.WithLeaseTime(3600))
		}
		for _, tell := range tells {
			if tell == m.MessageType() && m.ClassIdentifier() == "Regain" {
				with = append(with, dhcpv4.WithGeneric(dhcpv4.GenericOptionCode(224), []byte(controller)))
			}
		}
		reply, err := dhcpv4.NewReplyFromRequest(m, with...)
		if err == nil {
			_, err = conn.WriteTo(reply.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: dhcpv4.ClientPort})
		}
		if err != nil {
			t.Errorf("answer: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve() }()
	t.Cleanup(func() { server.Close(); <-done })
	return informs
}

// TestFind: the controller is found with the address, or asked for where another
// server gives the addresses; an interface on whose network there is none is left
// without an address.
func TestFind(t *testing.T) {
	for name, lead := range map[string]struct {
		prepare func(t *testing.T)
		nic     string
	}{
		"with the address": {func(t *testing.T) {
			dhcp(t, "far", net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 10), controllerURL, dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest)
		}, "nic"},
		"by asking again": {func(t *testing.T) {
			dhcp(t, "far", net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 10), controllerURL, dhcpv4.MessageTypeInform)
		}, "nic"},
		"on the second interface": {func(t *testing.T) {
			office(t)
			dhcp(t, "far", net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 10), "")
			dhcp(t, "wall", net.IPv4(198, 51, 100, 1), net.IPv4(198, 51, 100, 10), controllerURL, dhcpv4.MessageTypeRequest)
		}, "other"},
	} {
		t.Run(name, func(t *testing.T) {
			wire(t)
			lead.prepare(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			n := New("", slog.New(slog.DiscardHandler))
			n.wait = wait
			found, err := n.Find(ctx, func(err error) { t.Log(err) })
			if err != nil {
				t.Fatal(err)
			}
			link, err := netlink.LinkByName(lead.nic)
			if err != nil {
				t.Fatal(err)
			}
			if found.Controller != controllerURL || n.Interface != lead.nic || found.MAC != link.Attrs().HardwareAddr.String() {
				t.Errorf("found %q on %s (%s), want %s", found.Controller, n.Interface, found.MAC, lead.nic)
			}
			if got := addresses(t); lead.nic != "nic" && len(got) != 0 {
				t.Errorf("the interface that leads elsewhere keeps %v", got)
			}
		})
	}
}

// TestNoController: nonsense is no controller, and a person is told that there is
// none.
func TestNoController(t *testing.T) {
	wire(t)
	informs := dhcp(t, "far", net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 10), "http://192.0.2.1", dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeInform)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var told error
	n := New("", slog.New(slog.DiscardHandler))
	n.wait = wait
	_, err := n.Find(ctx, func(err error) { told = err; cancel() })
	if !errors.Is(err, context.Canceled) || !errors.Is(told, ErrNoController) || informs.Load() == 0 {
		t.Errorf("told %v; Find: %v; asked %d times", told, err, informs.Load())
	}
	if got := addresses(t); len(got) != 0 {
		t.Errorf("the interface keeps %v", got)
	}
}

// FuzzControllerIn: whatever a server sends, what comes out is an https URL or
// nothing.
func FuzzControllerIn(f *testing.F) {
	f.Add([]byte(controllerURL))
	f.Add([]byte("https://"))
	f.Add([]byte("https://[::1"))
	f.Fuzz(func(t *testing.T, value []byte) {
		p, err := dhcpv4.New(dhcpv4.WithGeneric(dhcpv4.GenericOptionCode(cmdline.ControllerOption), value))
		if err != nil {
			t.Fatal(err)
		}
		if got := controllerIn(p); got != "" && (got != string(value) || (cmdline.Params{Controller: got}).Check() != nil) {
			t.Errorf("%q gives %q", value, got)
		}
	})
}

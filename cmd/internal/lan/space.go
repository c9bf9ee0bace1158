package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Link is the name of a space's own interface.
const Link = "eth0"

// Space is a computer of the workshop, as far as the network can tell: a network
// namespace with one interface. Sockets that are opened in it stay there, whoever
// uses them.
type Space struct {
	MAC    net.HardwareAddr
	handle netns.NsHandle
	work   chan func()
	stop   chan struct{}
}

// newSpace makes an empty namespace and a thread that lives in it.
func newSpace() (*Space, error) {
	s := &Space{work: make(chan func()), stop: make(chan struct{})}
	ready := make(chan error)
	go s.run(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("new network namespace (are you root?): %w", err)
	}
	return s, nil
}

// run ends while its goroutine is locked to the thread, so that the thread ends,
// too: it must not be used for anything else.
func (s *Space) run(ready chan<- error) {
	runtime.LockOSThread()
	err := unix.Unshare(unix.CLONE_NEWNET)
	if err == nil {
		s.handle, err = netns.Get()
	}
	ready <- err
	if err != nil {
		return
	}
	for {
		select {
		case f := <-s.work:
			f()
		case <-s.stop:
			return
		}
	}
}

// Do runs f on a thread in the space. One at a time.
func (s *Space) Do(f func() error) error {
	result := make(chan error, 1)
	s.work <- func() { result <- f() }
	return <-result
}

// Dial connects from the space; it fits http.Transport's DialContext. The address
// must be numeric.
func (s *Space) Dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	err = s.Do(func() (err error) {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// Address gives the space's interface an address, beside those that it has.
func (s *Space) Address(p netip.Prefix) error {
	return s.netlink(func(h *netlink.Handle, link netlink.Link) error {
		a := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD // nobody else has it, and there is no time to ask
		}
		return h.AddrReplace(link, a)
	})
}

// Route sends what is not for the space's own network to a router.
func (s *Space) Route(router netip.Addr) error {
	return s.netlink(func(h *netlink.Handle, link netlink.Link) error {
		return h.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: router.AsSlice()})
	})
}

func (s *Space) netlink(f func(*netlink.Handle, netlink.Link) error) error {
	h, err := netlink.NewHandleAt(s.handle)
	if err != nil {
		return err
	}
	defer h.Close()
	link, err := h.LinkByName(Link)
	if err != nil {
		return err
	}
	return f(h, link)
}

// up is called once the interface is there.
func (s *Space) up() error {
	return s.netlink(func(h *netlink.Handle, link netlink.Link) error {
		s.MAC = link.Attrs().HardwareAddr
		lo, err := h.LinkByName("lo")
		if err != nil {
			return err
		}
		return errors.Join(h.LinkSetUp(lo), h.LinkSetUp(link))
	})
}

func (s *Space) close() error {
	close(s.stop)
	return s.handle.Close()
}

// Restart makes the space another computer: a new MAC address, no IP address.
func (s *Space) Restart(mac net.HardwareAddr) error {
	err := s.netlink(func(h *netlink.Handle, link netlink.Link) error {
		addrs, err := h.AddrList(link, netlink.FAMILY_V4)
		if err != nil {
			return err
		}
		for _, a := range addrs {
			if err := h.AddrDel(link, &a); err != nil {
				return err
			}
		}
		return h.LinkSetHardwareAddr(link, mac)
	})
	if err != nil {
		return fmt.Errorf("become %s: %w", mac, err)
	}
	s.MAC = mac
	return nil
}

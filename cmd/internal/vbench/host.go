package vbench

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Host is another computer on the wire, such as the site's own DHCP server: a
// network namespace with one interface, HostLink, on the bench's bridge.
type Host struct {
	wire *Wire
	ns   netns.NsHandle
}

// HostLink is the name of a host's interface.
const HostLink = "eth0"

// NewHost plugs a computer with the address into the wire.
func (w *Wire) NewHost(addr netip.Prefix) (*Host, error) {
	h := &Host{wire: w}
	w.mu.Lock()
	w.hosts++
	port := fmt.Sprintf("host%d", w.hosts)
	w.mu.Unlock()
	if err := w.Do(func() error { return h.plug(port, addr) }); err != nil {
		return nil, fmt.Errorf("add a computer to the bench's network: %w", err)
	}
	return h, nil
}

// plug runs on the thread that is in the wire's namespace.
func (h *Host) plug(port string, addr netip.Prefix) error {
	runtime.LockOSThread() // as it is already; the lock is counted
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		return err
	}
	defer home.Close()
	h.ns, err = netns.New() // and enters it
	if err := errors.Join(err, netns.Set(home)); err != nil {
		return err
	}
	bridge, err := netlink.LinkByName(Bridge)
	if err != nil {
		return err
	}
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: port, MasterIndex: bridge.Attrs().Index},
		PeerName: HostLink, PeerNamespace: netlink.NsFd(h.ns)}
	if err := errors.Join(netlink.LinkAdd(veth), netlink.LinkSetUp(veth)); err != nil {
		return err
	}
	there, err := netlink.NewHandleAt(h.ns)
	if err != nil {
		return err
	}
	defer there.Close()
	link, err := there.LinkByName(HostLink)
	if err != nil {
		return err
	}
	own := &netlink.Addr{IPNet: &net.IPNet{IP: addr.Addr().AsSlice(), Mask: net.CIDRMask(addr.Bits(), 32)}}
	return errors.Join(there.AddrAdd(link, own), there.LinkSetUp(link))
}

// Start starts a command on the host. The process is killed when the wire is
// closed, and when this program ends.
func (h *Host) Start(cmd *exec.Cmd) (*Process, error) {
	return h.wire.start(cmd, func() error {
		home, err := netns.Get()
		if err != nil {
			return err
		}
		defer home.Close()
		if err := netns.Set(h.ns); err != nil {
			return err
		}
		return errors.Join(cmd.Start(), netns.Set(home))
	})
}

// Close takes the host off the wire once its processes have ended.
func (h *Host) Close() error { return h.ns.Close() }

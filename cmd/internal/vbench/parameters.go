package vbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// loaderLine is what the boot script has iPXE start.
var loaderLine = regexp.MustCompile(`(?m)^kernel \S+ initrd=\S+ (.*?)(?: \|\| .*)?$`)

// Parameters asks the controller as the loader of a machine with this address
// would (DHCP, then the boot script by HTTP), and returns the kernel's command
// line in its answer. A machine that is started with Direct needs it.
func (a *Appliance) Parameters(ctx context.Context, mac string) (string, error) {
	script, err := a.script(ctx, mac)
	if err != nil {
		return "", fmt.Errorf("boot parameters of %s: %w", mac, err)
	}
	line := loaderLine.FindStringSubmatch(script)
	if line == nil {
		return "", fmt.Errorf("boot parameters of %s: the script starts no kernel:\n%s", mac, script)
	}
	return line[1], nil
}

// The two ends of the cable between the bridge and what stands in for a machine.
const loaderPort, loaderLink = "loader0", "eth0"

// script is the machine's boot script. A network namespace stands in for the
// machine; its port on the bridge goes away with it.
func (a *Appliance) script(ctx context.Context, mac string) (script string, err error) {
	hw, err := net.ParseMAC(mac)
	if err != nil {
		return "", err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The thread ends with the goroutine, and the namespace with it.
		runtime.LockOSThread()
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return
		}
		if err = a.plugLoader(hw); err != nil {
			return
		}
		var conn net.Conn
		if conn, err = dialAs(ctx); err != nil {
			return
		}
		script, err = get(ctx, conn, "/boot.ipxe?platform=pcbios&mac="+mac)
	}()
	<-done
	return script, errors.Join(err, a.wire.Do(unplugLoader))
}

// plugLoader connects the calling thread's namespace with the bridge.
func (a *Appliance) plugLoader(hw net.HardwareAddr) error {
	own, err := netns.Get()
	if err != nil {
		return err
	}
	defer own.Close()
	return a.wire.Do(func() error {
		bridge, err := netlink.LinkByName(Bridge)
		if err != nil {
			return err
		}
		attrs := netlink.NewLinkAttrs()
		attrs.Name = loaderPort
		err = netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: loaderLink,
			PeerHardwareAddr: hw, PeerNamespace: netlink.NsFd(own)})
		if err != nil {
			return err
		}
		port, err := netlink.LinkByName(loaderPort)
		if err != nil {
			return err
		}
		return errors.Join(netlink.LinkSetMaster(port, bridge), netlink.LinkSetUp(port))
	})
}

// dialAs gets an address as the machine and connects to the boot server.
func dialAs(ctx context.Context) (net.Conn, error) {
	link, err := netlink.LinkByName(loaderLink)
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, err
	}
	client, err := nclient4.New(loaderLink, nclient4.WithTimeout(2*time.Second), nclient4.WithRetry(5))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	lease, err := client.Request(ctx)
	if err != nil {
		return nil, err
	}
	own := &netlink.Addr{IPNet: &net.IPNet{IP: lease.ACK.YourIPAddr, Mask: lease.ACK.SubnetMask()}}
	if err := netlink.AddrAdd(link, own); err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp4", net.JoinHostPort(Address.Addr().String(), "80"))
}

// get fetches a page over conn and closes it.
func get(ctx context.Context, conn net.Conn, path string) (string, error) {
	defer conn.Close()
	over := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	client := &http.Client{Transport: &http.Transport{DialContext: over, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+Address.Addr().String()+path, nil)
	if err != nil {
		return "", err
	}
	reply, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, 64<<10))
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("the boot script: %s", reply.Status)
	}
	return string(text), err
}

// unplugLoader takes the port away at once: the kernel takes its time with a
// namespace that ends.
func unplugLoader() error {
	port, err := netlink.LinkByName(loaderPort)
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	}
	if err != nil {
		return err
	}
	return netlink.LinkDel(port)
}

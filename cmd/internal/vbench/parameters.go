package vbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
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

// script is the machine's boot script. The address that it was leased goes away
// with the network port that stood in for the machine.
func (a *Appliance) script(ctx context.Context, mac string) (script string, err error) {
	hw, err := net.ParseMAC(mac)
	if err != nil {
		return "", err
	}
	const name = "loader0"
	var lease *nclient4.Lease
	err = a.wire.Do(func() error {
		port, err := loaderPort(name, hw)
		if err != nil {
			return err
		}
		client, err := nclient4.New(name, nclient4.WithTimeout(2*time.Second), nclient4.WithRetry(5))
		if err != nil {
			return err
		}
		defer client.Close()
		if lease, err = client.Request(ctx); err != nil {
			return err
		}
		own := &netlink.Addr{IPNet: &net.IPNet{IP: lease.ACK.YourIPAddr, Mask: lease.ACK.SubnetMask()}}
		return netlink.AddrAdd(port, own)
	})
	defer func() { err = errors.Join(err, a.wire.Do(func() error { return unplug(name) })) }()
	if err != nil {
		return "", err
	}
	return a.fetch(ctx, lease.ACK.YourIPAddr, "/boot.ipxe?platform=pcbios&mac="+mac)
}

// fetch gets a page from the bench's HTTP server, from the given address.
func (a *Appliance) fetch(ctx context.Context, from net.IP, path string) (string, error) {
	dial := func(ctx context.Context, network, addr string) (conn net.Conn, err error) {
		err = a.wire.Do(func() error {
			conn, err = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}).DialContext(ctx, network, addr)
			return err
		})
		return conn, err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
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

// loaderPort plugs a port with the machine's address into the bridge.
func loaderPort(name string, hw net.HardwareAddr) (netlink.Link, error) {
	bridge, err := netlink.LinkByName(Bridge)
	if err != nil {
		return nil, err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr = name, hw
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: name + "b"}); err != nil {
		return nil, err
	}
	far, err := netlink.LinkByName(name + "b")
	if err != nil {
		return nil, err
	}
	port, err := netlink.LinkByName(name)
	if err != nil {
		return nil, err
	}
	return port, errors.Join(netlink.LinkSetMaster(far, bridge), netlink.LinkSetUp(far), netlink.LinkSetUp(port))
}

func unplug(name string) error {
	port, err := netlink.LinkByName(name)
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	}
	if err != nil {
		return err
	}
	return netlink.LinkDel(port)
}

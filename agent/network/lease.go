package network

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
)

// defaultLease is assumed when a server tells no lease time (RFC 2131 section
// 3.3 makes it mandatory; some leave it out).
const defaultLease = time.Hour

func request(ctx context.Context, link netlink.Link) (*nclient4.Lease, error) {
	client, err := nclient4.New(link.Attrs().Name, nclient4.WithTimeout(3*time.Second), nclient4.WithRetry(2))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Request(ctx)
}

// configure gives the link its address and default route, as the lease says.
// An address that stays is prolonged, not replaced: connections live on.
func configure(link netlink.Link, lease *nclient4.Lease) error {
	ack := lease.ACK
	mask := ack.SubnetMask()
	if mask == nil {
		mask = ack.YourIPAddr.DefaultMask()
	}
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: ack.YourIPAddr, Mask: mask}}
	if err := netlink.AddrReplace(link, addr); err != nil {
		return fmt.Errorf("set address %s on %s: %w", addr, link.Attrs().Name, err)
	}
	if err := dropOthers(link, addr); err != nil {
		return err
	}
	routers := ack.Router()
	if len(routers) == 0 {
		return nil
	}
	_, everywhere, _ := net.ParseCIDR("0.0.0.0/0")
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: everywhere, Gw: routers[0]}
	if err := netlink.RouteReplace(route); err != nil {
		return fmt.Errorf("set route through %s: %w", routers[0], err)
	}
	return nil
}

// dropOthers removes the addresses of earlier leases.
func dropOthers(link netlink.Link, keep *netlink.Addr) error {
	addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return fmt.Errorf("list addresses of %s: %w", link.Attrs().Name, err)
	}
	for _, a := range addrs {
		if !a.IP.Equal(keep.IP) {
			if err := netlink.AddrDel(link, &a); err != nil {
				return fmt.Errorf("remove address %s: %w", a.IP, err)
			}
		}
	}
	return nil
}

// Keep renews the lease until ctx ends: at half its time (T1, RFC 2131 section
// 4.4.5), then every minute; and asks for a new one when it has run out. The
// address stays on the interface meanwhile: on a bench network nobody else is
// given it, and dropping it would cut the work.
func (n *Network) Keep(ctx context.Context, lease *nclient4.Lease) error {
	wait := lease.ACK.IPAddressLeaseTime(defaultLease) / 2
	for {
		if err := sleep(ctx, max(wait, 10*time.Second)); err != nil {
			return err
		}
		renewed, err := n.renew(ctx, lease)
		if err != nil {
			n.log.Warn("lease not renewed", "err", err)
			wait = time.Minute
			continue
		}
		lease = renewed
		wait = lease.ACK.IPAddressLeaseTime(defaultLease) / 2
	}
}

func (n *Network) renew(ctx context.Context, lease *nclient4.Lease) (*nclient4.Lease, error) {
	link, err := netlink.LinkByName(n.Interface)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", n.Interface, err)
	}
	client, err := nclient4.New(n.Interface, nclient4.WithTimeout(3*time.Second), nclient4.WithRetry(2))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	renewed, err := client.Renew(ctx, lease)
	if err != nil {
		if renewed, err = client.Request(ctx); err != nil {
			return nil, err
		}
	}
	return renewed, configure(link, renewed)
}

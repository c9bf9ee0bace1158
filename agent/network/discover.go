package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"

	"regain.example/agent/api/cmdline"
)

// ErrNoController: the network gives addresses, and no controller answers on it.
var ErrNoController = errors.New("there is a network, but no Regain appliance answers on it: is this socket on the bench network?")

// Found is a controller that answered on one of the machine's interfaces.
type Found struct {
	Lease      *nclient4.Lease
	Controller string // cmdline.Params.Controller
	MAC        string // of the interface, lower case with colons
}

// Find gets an address on the first interface on whose network a controller
// answers; it tries all that have a link, and leaves no address on the others. It
// tries for ever, and tells what is wrong meanwhile; it returns ctx's error only.
func (n *Network) Find(ctx context.Context, tell func(error)) (Found, error) {
	for {
		found, err := n.lookAround(ctx)
		if err == nil {
			return found, nil
		}
		if ctx.Err() != nil {
			return Found{}, ctx.Err()
		}
		tell(err)
		if err := sleep(ctx, time.Second); err != nil {
			return Found{}, err
		}
	}
}

// lookAround tries each interface once. The error is the one of the interface that
// came furthest.
func (n *Network) lookAround(ctx context.Context) (Found, error) {
	links, err := candidates("", true)
	if err != nil {
		return Found{}, err
	}
	last := ErrNoCarrier
	for _, link := range withCarrier(ctx, links, 6*time.Second) {
		found, err := n.ask(ctx, link)
		if err == nil {
			n.Interface, n.mac = link.Attrs().Name, found.MAC
			return found, nil
		}
		if !errors.Is(last, ErrNoController) {
			last = fmt.Errorf("%w (%s)", err, link.Attrs().Name)
		}
	}
	return Found{}, last
}

// ask gets an address on link and asks for the controller there. If there is none,
// the link is left without an address.
func (n *Network) ask(ctx context.Context, link netlink.Link) (Found, error) {
	client, err := nclient4.New(link.Attrs().Name, nclient4.WithTimeout(n.wait), nclient4.WithRetry(2))
	if err != nil {
		return Found{}, err
	}
	defer client.Close()
	lease, err := client.Request(ctx, askingForController)
	if err != nil {
		return Found{}, fmt.Errorf("%w (%w)", ErrNoAddress, err)
	}
	if err := configure(link, lease); err != nil {
		return Found{}, err
	}
	found := Found{Lease: lease, Controller: controllerIn(lease.ACK), MAC: link.Attrs().HardwareAddr.String()}
	if found.Controller == "" {
		found.Controller, err = inform(ctx, client, link, lease.ACK.YourIPAddr)
	}
	if err != nil {
		// Another network's address may hide the bench behind another interface.
		return Found{}, errors.Join(err, dropOthers(link, &netlink.Addr{IPNet: &net.IPNet{}}))
	}
	return found, nil
}

// inform asks by DHCPINFORM (RFC 2131 section 3.4), for a network on which another
// server gives the addresses.
func inform(ctx context.Context, client *nclient4.Client, link netlink.Link, own net.IP) (string, error) {
	p, err := dhcpv4.NewInform(link.Attrs().HardwareAddr, own, askingForController)
	if err != nil {
		return "", err
	}
	ack, err := client.SendAndRead(ctx, client.RemoteAddr(), p, func(reply *dhcpv4.DHCPv4) bool {
		// The server that gave the address answers as well, and knows nothing.
		return reply.MessageType() == dhcpv4.MessageTypeAck && controllerIn(reply) != ""
	})
	if err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoController, err)
	}
	return controllerIn(ack), nil
}

func askingForController(p *dhcpv4.DHCPv4) {
	p.UpdateOption(dhcpv4.OptClassIdentifier(cmdline.AgentClass))
	p.UpdateOption(dhcpv4.OptParameterRequestList(dhcpv4.OptionSubnetMask, dhcpv4.OptionRouter, dhcpv4.GenericOptionCode(cmdline.ControllerOption)))
}

// controllerIn returns the controller that a server told; "" if it told none, or
// nonsense.
func controllerIn(p *dhcpv4.DHCPv4) string {
	url := string(p.GetOneOption(dhcpv4.GenericOptionCode(cmdline.ControllerOption)))
	if (cmdline.Params{Controller: url}).Check() != nil {
		return ""
	}
	return url
}

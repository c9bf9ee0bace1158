package dhcp

import (
	"net"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// reply builds the offer or acknowledgement of an address on network n.
func (s *Server) reply(r request, t dhcpv4.MessageType, n Network, l loader) *dhcpv4.DHCPv4 {
	p := s.blank(r, t)
	p.YourIPAddr = r.client.Addr.AsSlice()
	p.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(n.Prefix.Bits(), 32)))
	p.UpdateOption(dhcpv4.OptBroadcastAddress(broadcast(n.Prefix).AsSlice()))
	if n.Router.IsValid() {
		p.UpdateOption(dhcpv4.OptRouter(n.Router.AsSlice()))
	}
	// T1 and T2 are RFC 2131 section 4.4.5's defaults, sent because some
	// clients compute their own.
	p.UpdateOption(dhcpv4.OptIPAddressLeaseTime(s.config.LeaseTime))
	p.UpdateOption(dhcpv4.Option{Code: dhcpv4.OptionRenewTimeValue, Value: dhcpv4.Duration(s.config.LeaseTime / 2)})
	p.UpdateOption(dhcpv4.Option{Code: dhcpv4.OptionRebindingTimeValue, Value: dhcpv4.Duration(s.config.LeaseTime * 7 / 8)})
	s.tellController(r.DHCPv4, p)
	s.tellLoader(r, p, l)
	return p
}

// tellLoader adds what the firmware or iPXE loads next.
func (a *answerer) tellLoader(r request, p *dhcpv4.DHCPv4, l loader) {
	if r.kind == kindSystem {
		return
	}
	// RFC 4578 section 2.3: the server echoes the machine identifier; some
	// PXE ROMs drop a reply without it.
	dhcpv4.WithOptionCopied(r.DHCPv4, dhcpv4.OptionClientMachineIdentifier)(p)
	if l.file != "" {
		a.setBootFile(p, l.file)
	}
	switch r.kind {
	case kindHTTP:
		// UEFI 2.10 section 24.7.3.1: without the echo the firmware takes
		// the reply for that of an ordinary server.
		p.UpdateOption(dhcpv4.OptClassIdentifier(classHTTP))
	case kindIPXE:
		// Otherwise iPXE waits seconds for a proxy DHCP server.
		p.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(optionIPXE), []byte{ipxeNoPXEDHCP, 1, 1}))
	}
}

// setBootFile names the file in the BOOTP field, which every client reads, and
// in option 67, which UEFI's HTTP Boot wants.
func (a *answerer) setBootFile(p *dhcpv4.DHCPv4, file string) {
	server := a.config.Address.Addr()
	p.ServerIPAddr = server.AsSlice()
	p.BootFileName = file
	p.UpdateOption(dhcpv4.OptBootFileName(file))
	p.UpdateOption(dhcpv4.OptTFTPServerName(server.String()))
}

func (a *answerer) nak(r request) *dhcpv4.DHCPv4 {
	p := a.blank(r, dhcpv4.MessageTypeNak)
	p.SetBroadcast() // RFC 2131 section 4.3.2: the client may not have our subnet
	p.UpdateOption(dhcpv4.OptMessage("this address belongs to another machine or network"))
	return p
}

// blank copies what RFC 2131 table 3 copies from the request, the client's
// identifier (RFC 6842), and what the relay added (RFC 3046 section 2.2).
func (a *answerer) blank(r request, t dhcpv4.MessageType) *dhcpv4.DHCPv4 {
	p := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootReply, HWType: r.HWType, TransactionID: r.TransactionID,
		Flags: r.Flags, ClientHWAddr: r.ClientHWAddr, ClientIPAddr: r.ClientIPAddr, GatewayIPAddr: r.GatewayIPAddr,
	}
	if t != dhcpv4.MessageTypeAck {
		p.ClientIPAddr = nil
	}
	p.UpdateOption(dhcpv4.OptMessageType(t))
	p.UpdateOption(dhcpv4.OptServerIdentifier(a.config.Address.Addr().AsSlice()))
	dhcpv4.WithOptionCopied(r.DHCPv4, dhcpv4.OptionClientIdentifier)(p)
	dhcpv4.WithOptionCopied(r.DHCPv4, dhcpv4.OptionRelayAgentInformation)(p)
	return p
}

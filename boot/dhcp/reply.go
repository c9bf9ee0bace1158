package dhcp

import (
	"context"
	"net"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// reply builds the offer or acknowledgement for c.
func (s *Server) reply(ctx context.Context, p *dhcpv4.DHCPv4, t dhcpv4.MessageType, c boot.Client, k kind) *dhcpv4.DHCPv4 {
	r := s.blank(p, t)
	r.YourIPAddr = c.Addr.AsSlice()
	r.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(s.config.Address.Bits(), 32)))
	r.UpdateOption(dhcpv4.OptBroadcastAddress(broadcast(s.config.Address).AsSlice()))
	// T1 and T2 are RFC 2131 section 4.4.5's defaults, sent because some
	// clients compute their own.
	r.UpdateOption(dhcpv4.OptIPAddressLeaseTime(s.config.LeaseTime))
	r.UpdateOption(dhcpv4.Option{Code: dhcpv4.OptionRenewTimeValue, Value: dhcpv4.Duration(s.config.LeaseTime / 2)})
	r.UpdateOption(dhcpv4.Option{Code: dhcpv4.OptionRebindingTimeValue, Value: dhcpv4.Duration(s.config.LeaseTime * 7 / 8)})
	s.tellController(p, r)
	if k == kindSystem {
		return r
	}
	// RFC 4578 section 2.3: the server echoes the machine identifier; some
	// PXE ROMs drop a reply without it.
	dhcpv4.WithOptionCopied(p, dhcpv4.OptionClientMachineIdentifier)(r)
	if file := s.bootFile(ctx, c, k); file != "" {
		s.setBootFile(r, file)
	}
	switch k {
	case kindHTTP:
		// UEFI 2.10 section 24.7.3.1: without the echo the firmware takes
		// the reply for that of an ordinary server.
		r.UpdateOption(dhcpv4.OptClassIdentifier("HTTPClient"))
	case kindIPXE:
		// Otherwise iPXE waits seconds for a proxy DHCP server.
		r.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(optionIPXE), []byte{ipxeNoPXEDHCP, 1, 1}))
	}
	return r
}

// setBootFile names the file in the BOOTP field, which every client reads, and
// in option 67, which UEFI's HTTP Boot wants. There is no option 60 for PXE and
// no option 43: a reply that calls itself PXE's makes some ROMs look for a boot
// server on port 4011, a plain one none.
func (s *Server) setBootFile(r *dhcpv4.DHCPv4, file string) {
	server := s.config.Address.Addr()
	r.ServerIPAddr = server.AsSlice()
	r.BootFileName = file
	r.UpdateOption(dhcpv4.OptBootFileName(file))
	r.UpdateOption(dhcpv4.OptTFTPServerName(server.String()))
}

// bootFile returns what c loads next, or "" if it loads nothing from here.
func (s *Server) bootFile(ctx context.Context, c boot.Client, k kind) string {
	switch {
	case k == kindIPXE:
		return s.config.Scripts.EntryURL()
	case k == kindHTTP && c.Arch == boot.ArchEFI64HTTP:
		return s.config.Scripts.LoaderURL()
	case k == kindPXE && c.Arch == boot.ArchBIOS:
		return boot.FileBIOS
	case k == kindPXE && c.Arch.UEFI() && s.bootsItsDisk(ctx, c):
		return boot.FileShim
	case k == kindPXE && c.Arch.UEFI():
		return boot.FileUEFI
	}
	s.log.Warn("this machine's firmware is not served; change its network boot to x64 UEFI or to BIOS", "machine", c.MAC.String(), "arch", c.Arch.String())
	return ""
}

// bootsItsDisk reports whether the machine may skip iPXE: shim and GRUB start
// its disk at once, with Secure Boot on as well, where iPXE does not load. If
// the question fails the machine gets iPXE, whose script asks again.
func (s *Server) bootsItsDisk(ctx context.Context, c boot.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, decideTime)
	defer cancel()
	d, err := s.decider.Decide(ctx, c)
	if err != nil {
		s.log.Warn("decision on what to boot", "machine", c.MAC.String(), "err", err)
		return false
	}
	return d.Action == boot.ActionLocalDisk
}

func (s *Server) nak(p *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	r := s.blank(p, dhcpv4.MessageTypeNak)
	r.SetBroadcast() // RFC 2131 section 4.3.2: the client may not have our subnet
	r.UpdateOption(dhcpv4.OptMessage("this address belongs to another machine or network"))
	return r
}

// blank copies what RFC 2131 table 3 copies from the request, and the client's
// identifier (RFC 6842).
func (s *Server) blank(p *dhcpv4.DHCPv4, t dhcpv4.MessageType) *dhcpv4.DHCPv4 {
	r := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootReply, HWType: p.HWType, TransactionID: p.TransactionID,
		Flags: p.Flags, ClientHWAddr: p.ClientHWAddr, ClientIPAddr: p.ClientIPAddr,
	}
	if t != dhcpv4.MessageTypeAck {
		r.ClientIPAddr = nil
	}
	r.UpdateOption(dhcpv4.OptMessageType(t))
	r.UpdateOption(dhcpv4.OptServerIdentifier(s.config.Address.Addr().AsSlice()))
	dhcpv4.WithOptionCopied(p, dhcpv4.OptionClientIdentifier)(r)
	return r
}

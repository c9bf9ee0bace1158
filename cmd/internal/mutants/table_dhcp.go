package main

// addressing: whom DHCP gives which address, and when nobody.
func addressing() []mutant {
	const (
		handle  = "boot/dhcp/handle.go"
		address = "boot/dhcp/address.go"
		proxy   = "boot/dhcp/proxy.go"
	)
	return []mutant{
		{name: "dhcp: an address in use is not offered", file: address,
			text: "if err != nil || holder == nil {", with: "if true || holder == nil {", test: "TestAnAddressInUseIsNotGiven"},
		{name: "dhcp: nor given without an offer", file: handle,
			text: "if err := s.usable(ctx, r, n, wanted); err != nil {", with: "if err := error(nil); err != nil {",
			test: "TestAnAddressAskedForAtOnceIsProbedToo"},
		{name: "dhcp: a probe that failed proves nothing", file: address,
			text: "return false, err\n\t}\n\ts.table.Rest(a)", with: "return false, nil\n\t}\n\ts.table.Rest(a)", test: "TestNoAddressWhereTheProbeFails"},
		off("dhcp: another's wish does not end a lease", address,
			"if err := s.table.Claimable(r.client, n.Pool, a); err != nil {", "TestARivalClaimDoesNotEndALease"),
		{name: "dhcp: the machine itself may answer the probe", file: "boot/arp/arp.go",
			text: "if !bytes.Equal(mac, asks) {", with: "if mac != nil {", test: "TestHolder", in: "boot/arp"},
		{name: "dhcp: no offer beside another server", file: handle,
			text: "if !s.table.Holds(mac, n.Pool) {\n\t\tif why, forbidden := s.watch.forbids(); forbidden {",
			with: "if !s.table.Holds(mac, n.Pool) {\n\t\tif why, forbidden := s.watch.forbids(); false && forbidden {", test: "TestNoNewAddressBesideARival"},
		{name: "dhcp: no answer to a stranger's request beside another server", file: handle,
			text: "{ // neither offered nor held\n\t\tif why, forbidden := s.watch.forbids(); forbidden {",
			with: "{\n\t\tif why, forbidden := s.watch.forbids(); false && forbidden {", test: "TestNoNewAddressBesideARival"},
		{name: "dhcp: no offer before the first look", file: "boot/dhcp/rivals.go",
			text: "case w.looked:", with: "case w.looked || !w.failed:", test: "TestNoOfferBeforeTheFirstLook"},
		{name: "dhcp: the own probe is not answered", file: address,
			text: "return bytes.Equal(r.client.MAC, s.config.Hardware)", with: "return false && bytes.Equal(r.client.MAC, s.config.Hardware)", test: "TestSilence"},
		{name: "dhcp: the own server is no rival", file: "boot/dhcp/probe.go",
			text: "!slices.Contains(l.own, server) && ", with: "", test: "TestRival"},
		off("dhcp: nothing is acknowledged that is not on disk", "boot/dhcp/table.go",
			"if err := t.journal.commit(change, t.save); err != nil {", "TestNothingIsPromisedWithoutTheDisk"),
		{name: "dhcp: unknown relays are not answered", file: "boot/dhcp/network.go",
			text: "return here, relay.IsUnspecified()", with: "return here, true", test: "TestSilence"},
		{name: "dhcp: what the relay added is echoed", file: "boot/dhcp/reply.go",
			text: "dhcpv4.WithOptionCopied(r.DHCPv4, dhcpv4.OptionRelayAgentInformation)(p)", with: "", test: "TestRelay"},
		{name: "dhcp: strangers are limited", file: address,
			text: "if s.table.Knows(r.client.MAC) || s.strangers.take() {", with: "if true || s.strangers.take() {", test: "TestFloodOfStrangers"},
		off("dhcp: oversized options are not echoed", "boot/dhcp/client.go",
			"if n := len(p.GetOneOption(o)); n > maxOption {", "TestOversizedOptions"),
		off("dhcp: port 4011 believes no address but the sender's", "boot/dhcp/bootserver.go",
			"if r.current() != from.Addr() {", "TestBootServer"),
		off("dhcp: the proxy leaves the site's computers alone", proxy,
			"if r.kind == kindSystem && !x.table.Knows(r.client.MAC) {", "TestProxyPassesOver"),
		{name: "dhcp: the proxy gives no address", file: "boot/dhcp/bootserver.go",
			text: "p := x.blank(r, t)", with: "p := x.blank(r, t)\n\tp.YourIPAddr = []byte{10, 77, 0, 99}", test: "TestProxyOffer"},
	}
}

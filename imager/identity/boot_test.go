package identity

import "testing"

// TestFromBoot is the table of FromBoot, and over the edge of each row.
func TestFromBoot(t *testing.T) {
	const (
		mac, id, sn = "18:66:da:01:02:03", "4c4c4544-0042-3510-8052-b4c04f4d3232", "B5R5M22"
		other       = "4c4c4544-0042-3510-8052-b4c04f4d9999"
		placeholder = "03000200-0400-0500-0006-000700080009"
		dockMAC     = "00:e0:4c:00:00:01"
		drawn       = "52:54:00:12:34:56"
	)
	plain := []Known{{1, machine()}}
	inDock := []Known{{1, machine(dock(dockMAC))}}
	white := []Known{{2, machine(whiteBox(mac, "S2")...)}}
	for name, c := range map[string]struct {
		known             []Known
		mac, uuid, serial string
		want              int
	}{
		"UUID and address":               {plain, mac, id, "", 1},
		"all of it":                      {plain, mac, id, sn, 1},
		"UUID swapped":                   {plain, mac, "44454c4c-4200-1035-8052-b4c04f4d3232", "", 1},
		"UUID in capitals":               {plain, mac, "4C4C4544-0042-3510-8052-B4C04F4D3232", "", 1},
		"address in capitals":            {plain, "18:66:DA:01:02:03", id, "", 1},
		"UUID and serial, by an adapter": {plain, dockMAC, id, sn, 1},
		"UUID, a serial that lies":       {plain, mac, id, "Default string", 1},
		"UUID only":                      {plain, dockMAC, id, "", 0},
		"UUID and address, other serial": {plain, mac, id, "OTHER99", 0},
		"address, another UUID":          {plain, mac, other, "", 0},
		"address and serial, other UUID": {plain, mac, other, sn, 0},
		"nobody":                         {plain, "18:66:da:00:00:09", "", "", 0},
		"nobody is known":                {nil, mac, id, sn, 0},

		// A machine that tells its UUID tells it always.
		"the UUID is not told":                    {plain, mac, "", "", 0},
		"the UUID is not told, the serial is":     {plain, mac, "", sn, 0},
		"a placeholder where it told its UUID":    {plain, mac, placeholder, "", 0},
		"nonsense where it told its UUID":         {plain, mac, "x", "", 0},
		"a UUID where it told a placeholder":      {white, mac, id, "", 0},
		"a UUID of locally drawn interface":       {[]Known{{1, machine(nic(drawn))}}, drawn, id, "", 1},
		"a UUID that two share":                   {[]Known{{1, machine()}, {2, machine(serial("OTHER99"))}}, mac, id, sn, 0},
		"a UUID that two share in two orders":     {[]Known{{1, machine()}, {2, machine(uuid("44454c4c-4200-1035-8052-b4c04f4d3232"))}}, mac, id, "", 0},
		"a UUID beside machines that tell others": {[]Known{{1, machine()}, {2, machine(uuid(other))}}, mac, id, "", 1},

		// A dock goes from machine to machine.
		"in the dock it had":                   {inDock, dockMAC, id, sn, 1},
		"its dock, another UUID":               {inDock, dockMAC, other, "", 0},
		"its dock, the batch's UUID":           {inDock, dockMAC, id, "", 0},
		"its dock, the batch's UUID, a serial": {inDock, dockMAC, id, "OTHER99", 0},
		"its dock, and nothing told":           {inDock, dockMAC, "", "", 0},
		"its dock, a placeholder":              {inDock, dockMAC, placeholder, "", 0},
		"a white box in its dock": {[]Known{{2, machine(append(whiteBox("", "S2"), dock(dockMAC))...)}},
			dockMAC, placeholder, "", 0},

		// White boxes have nothing but the interface on the board.
		"a placeholder":                       {white, mac, placeholder, "Default string", 2},
		"a placeholder, all F":                {white, mac, "ffffffff-ffff-ffff-ffff-ffffffffffff", "", 2},
		"a placeholder, not told":             {white, mac, "", "", 2},
		"a placeholder, another board":        {white, "18:66:da:00:00:09", placeholder, "", 0},
		"a placeholder, a drawn address":      {[]Known{{2, machine(whiteBox(drawn, "S2")...)}}, drawn, placeholder, "", 0},
		"a placeholder, two with the address": {[]Known{{2, machine(whiteBox(mac, "S2")...)}, {3, machine(whiteBox(mac, "S3")...)}}, mac, placeholder, "", 0},
		"a placeholder, another serial":       {[]Known{{2, machine(uuid(placeholder))}}, mac, placeholder, "OTHER99", 0},
	} {
		if got := FromBoot(c.mac, c.uuid, c.serial, c.known); got != c.want {
			t.Errorf("%s: machine %d, want %d", name, got, c.want)
		}
	}
}

func TestCanonical(t *testing.T) {
	const id = "4c4c4544-0042-3510-8052-b4c04f4d3232"
	for s, want := range map[string]string{
		id: "44454c4c-4200-1035-8052-b4c04f4d3232", "44454c4c-4200-1035-8052-b4c04f4d3232": "44454c4c-4200-1035-8052-b4c04f4d3232",
		"{4C4C4544-0042-3510-8052-B4C04F4D3232}": "44454c4c-4200-1035-8052-b4c04f4d3232",
		"":                                       "", "x": "", "ffffffff-ffff-ffff-ffff-ffffffffffff": "", "03000200-0400-0500-0006-000700080009": "",
	} {
		if got := Canonical(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

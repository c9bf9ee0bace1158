package identity

import (
	"slices"
	"testing"

	"regain.example/agent/api"
)

// machine is a well-behaved business PC; each case changes what it is about.
func machine(changes ...func(*api.Inventory)) api.Inventory {
	inv := api.Inventory{
		System: api.System{
			UUID: "4c4c4544-0042-3510-8052-b4c04f4d3232", Manufacturer: "Dell Inc.", Product: "OptiPlex 7050",
			Serial: "B5R5M22", BoardSerial: "/B5R5M22/CNWS20078N0123/",
		},
		NICs:   []api.NIC{{Name: "eth0", MAC: "18:66:da:01:02:03", Bus: "pci"}},
		Drives: []api.Drive{{Bus: api.BusATA, Model: "Disk", Serial: "S1", SizeBytes: 1 << 38}},
	}
	for _, change := range changes {
		change(&inv)
	}
	return inv
}

type change = func(*api.Inventory)

func uuid(s string) change     { return func(i *api.Inventory) { i.System.UUID = s } }
func serial(s string) change   { return func(i *api.Inventory) { i.System.Serial = s } }
func board(s string) change    { return func(i *api.Inventory) { i.System.BoardSerial = s } }
func nics(n ...api.NIC) change { return func(i *api.Inventory) { i.NICs = n } }
func nic(mac string) change    { return nics(api.NIC{MAC: mac, Bus: "pci"}) }
func dock(mac string) change   { return nics(api.NIC{MAC: mac, Bus: "usb", Removable: true}) }

func drives(serials ...string) change {
	return func(i *api.Inventory) {
		i.Drives = nil
		for _, s := range serials {
			i.Drives = append(i.Drives, api.Drive{Bus: api.BusATA, Model: "Disk", Serial: s, SizeBytes: 1 << 38})
		}
	}
}

// whiteBox is a machine on which nobody filled anything in.
func whiteBox(mac, drive string) []change {
	return []change{
		uuid("03000200-0400-0500-0006-000700080009"), serial("To Be Filled By O.E.M."),
		board("Default string"), nic(mac), drives(drive),
	}
}

func all(cs ...[]change) []change { return slices.Concat(cs...) }

// TestDecide is the table of docs/adr/0001-machine-identity.md.
func TestDecide(t *testing.T) {
	const (
		same = iota
		stranger
		ambiguous
	)
	const other = "4c4c4544-0042-3510-8052-b4c04f4d9999"
	for name, c := range map[string]struct {
		known, now []change
		want       int
	}{
		"01 nothing changed":               {want: same},
		"02 another USB adapter":           {known: []change{dock("00:e0:4c:00:00:01")}, now: []change{dock("00:e0:4c:00:00:02")}, want: same},
		"03 another network card":          {now: []change{nic("a0:36:9f:00:00:01")}, want: same},
		"04 all drives replaced":           {now: []change{drives("S7", "S8")}, want: same},
		"05 no drives any more":            {now: []change{drives()}, want: same},
		"06 UUID in the other byte order":  {now: []change{uuid("44454c4c-4200-1035-8052-b4c04f4d3232"), nic("a0:36:9f:00:00:01"), drives("S7")}, want: same},
		"07 UUID in capitals":              {now: []change{uuid("4C4C4544-0042-3510-8052-B4C04F4D3232")}, want: same},
		"08 UUID changed by a new BIOS":    {now: []change{uuid(other)}, want: same},
		"09 serial lost in a repair":       {now: []change{serial("None")}, want: same},
		"10 serial rewritten in a repair":  {now: []change{serial("B5R5M99")}, want: same},
		"11 board swapped, drives kept":    {now: []change{uuid(other), board("/NEW/CN1/"), nic("18:66:da:09:09:09"), serial("")}, want: stranger},
		"12 board swapped, serial kept":    {now: []change{uuid(other), board("/NEW/CN1/"), nic("18:66:da:09:09:09")}, want: stranger},
		"13 its drives in another machine": {now: []change{uuid(other), serial("OTHER99"), board("/OTHER/"), nic("18:66:da:09:09:09")}, want: stranger},
		"14 its network card in another":   {now: []change{uuid(other), serial("OTHER99"), board("/OTHER/"), drives("S7")}, want: stranger},
		"15 another of the model":          {now: []change{uuid(other), serial("OTHER99"), board("/OTHER/"), nic("18:66:da:09:09:09"), drives("S7")}, want: stranger},

		"20 a batch shares its UUID": {now: []change{serial("OTHER99"), board("/OTHER/"), nic("18:66:da:09:09:09"), drives("S7")}, want: stranger},
		"21 a batch shares its UUID and has no serials": {
			known: []change{serial(""), board("")}, now: []change{serial(""), board(""), nic("18:66:da:09:09:09"), drives("S7")}, want: stranger},
		"22 the same, and no built-in interface": {
			known: []change{serial(""), board(""), dock("00:e0:4c:00:00:01")},
			now:   []change{serial(""), board(""), dock("00:e0:4c:00:00:02"), drives("S7")}, want: same},
		"23 a batch shares UUID and system serial": {now: []change{board("/OTHER/"), nic("18:66:da:09:09:09"), drives("S7")}, want: stranger},
		"24 a batch shares both serials":           {known: []change{uuid("")}, now: []change{uuid(""), nic("18:66:da:09:09:09"), drives("S7")}, want: ambiguous},

		"30 two machines through one dock": {
			known: []change{dock("00:e0:4c:00:00:01")},
			now:   []change{dock("00:e0:4c:00:00:01"), uuid(other), serial("OTHER99"), board("/OTHER/"), drives("S7")}, want: stranger},
		"31 the same, the dock not told as removable": {
			known: []change{nic("00:e0:4c:00:00:01")},
			now:   []change{nic("00:e0:4c:00:00:01"), uuid(other), serial("OTHER99"), board("/OTHER/"), drives("S7")}, want: stranger},
		"32 two that tell nothing, through one dock": {
			known: all(whiteBox("", "S1"), []change{dock("00:e0:4c:00:00:01")}),
			now:   all(whiteBox("", "S7"), []change{dock("00:e0:4c:00:00:01")}), want: stranger},

		"40 a white box again":                      {known: whiteBox("18:66:da:01:02:03", "S1"), now: whiteBox("18:66:da:01:02:03", "S1"), want: same},
		"41 another white box":                      {known: whiteBox("18:66:da:01:02:03", "S1"), now: whiteBox("18:66:da:01:02:04", "S7"), want: stranger},
		"42 a white box with another card":          {known: whiteBox("18:66:da:01:02:03", "S1"), now: whiteBox("a0:36:9f:00:00:01", "S1"), want: stranger},
		"43 a white box with other drives":          {known: whiteBox("18:66:da:01:02:03", "S1"), now: whiteBox("18:66:da:01:02:03", "S7"), want: ambiguous},
		"44 a white box without drives":             {known: all(whiteBox("18:66:da:01:02:03", ""), []change{drives()}), now: all(whiteBox("18:66:da:01:02:03", ""), []change{drives()}), want: same},
		"45 known by an address that anybody draws": {known: all(whiteBox("52:54:00:12:34:56", ""), []change{drives()}), now: all(whiteBox("52:54:00:12:34:56", ""), []change{drives()}), want: ambiguous},
		"46 such an address and its drives":         {known: whiteBox("52:54:00:12:34:56", "S1"), now: whiteBox("52:54:00:12:34:56", "S1"), want: same},
		"47 tells nothing at all":                   {known: []change{uuid(""), serial(""), board(""), nics(), drives()}, now: []change{uuid(""), serial(""), board(""), nics(), drives()}, want: stranger},
		"48 only a drive in common":                 {known: []change{uuid(""), serial(""), board(""), nics()}, now: []change{uuid(""), serial(""), board(""), nics()}, want: ambiguous},
		"49 the UUID agrees, the serial does not":   {known: []change{board(""), nics()}, now: []change{board(""), nics(), serial("OTHER99")}, want: ambiguous},
	} {
		t.Run(name, func(t *testing.T) {
			r := Decide(machine(c.now...), []Known{{Number: 7, Inventory: machine(c.known...)}})
			got := stranger
			switch {
			case r.Number == 7:
				got = same
			case len(r.Ambiguous) > 0:
				got = ambiguous
			}
			if got != c.want {
				t.Errorf("got %+v, want case %d", r, c.want)
			}
			if got == ambiguous && (r.Note == "" || r.Number != 0) {
				t.Errorf("an ambiguous machine is %+v: it needs a note and may be nobody", r)
			}
		})
	}
}

// TestDecideAmongSeveral: the better match wins only by a clear lead.
func TestDecideAmongSeveral(t *testing.T) {
	old := machine(uuid("4c4c4544-0042-3510-8052-000000000001"), board("/OLD/"))
	known := []Known{{1, old}, {2, machine()}}
	if r := Decide(machine(), known); r.Number != 2 {
		t.Errorf("got %+v, want the machine that agrees in all", r)
	}
	twins := []Known{{1, machine()}, {2, machine()}}
	if r := Decide(machine(), twins); r.Number != 0 || !slices.Equal(r.Ambiguous, []int{1, 2}) {
		t.Errorf("got %+v, want neither of two that look the same", r)
	}
	if r := Decide(machine(), nil); r.Number != 0 || r.Ambiguous != nil {
		t.Errorf("got %+v of nobody", r)
	}
}

// TestStrangerIsKnownNextTime: what was ambiguous once is itself afterwards, and
// does not make a new machine at every boot.
func TestStrangerIsKnownNextTime(t *testing.T) {
	first, second := machine(whiteBox("18:66:da:01:02:03", "S1")...), machine(whiteBox("18:66:da:01:02:03", "S7")...)
	if r := Decide(second, []Known{{1, first}}); len(r.Ambiguous) != 1 {
		t.Fatalf("got %+v", r)
	}
	if r := Decide(second, []Known{{1, first}, {2, second}}); r.Number != 2 {
		t.Errorf("got %+v, want 2", r)
	}
}

func TestLies(t *testing.T) {
	for _, s := range []string{
		"", " ", "0", "00000000", "........", "To Be Filled By O.E.M.", "TO BE FILLED BY O.E.M", "Default string",
		"System Serial Number", "None", "N/A", "Not Specified", "123456789", "0123456789", "1234567890", "XXXXXXXX", "INVALID",
		"Not Applicable", "Serial Number", "OEM", "0123456789abcdef", "FFFFFFFF", "12345678", "unknown",
	} {
		if c := credible(s); c != "" {
			t.Errorf("%q is believed, as %q", s, c)
		}
	}
	for _, s := range []string{"B5R5M22", "PF0ABCDE", "5CG8123456", "MXL0123456", "R90TTXYZ"} {
		if credible(s) == "" {
			t.Errorf("%q is not believed", s)
		}
	}
	for _, s := range []string{
		"ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
		"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009", "00010203-0405-0607-0809-0a0b0c0d0e0f",
		"12345678-1234-5678-90ab-cddeefaabbcc",
	} {
		if u, ok := ParseUUID(s); !ok || !u.Lie() {
			t.Errorf("UUID %s is believed", s)
		}
	}
	if u, ok := ParseUUID("4c4c4544-0042-3510-8052-b4c04f4d3232"); !ok || u.Lie() {
		t.Error("a good UUID is not believed")
	}
	for _, s := range []string{"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "", "x"} {
		if g, l := builtIn([]api.NIC{{MAC: s}}); len(g)+len(l) > 0 {
			t.Errorf("address %q is believed", s)
		}
	}
}

func FuzzParseUUID(f *testing.F) {
	f.Add("4c4c4544-0042-3510-8052-b4c04f4d3232")
	f.Add("{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}")
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := ParseUUID(s)
		if ok && (u.Swapped().Swapped() != u || !u.Same(u.Swapped()) || u.Lie() != u.Swapped().Lie()) {
			t.Errorf("%q and its swapped form are not the same", s)
		}
		if c := Canonical(s); c != "" && (!ok || Canonical(c) != c) || (c == "") != (!ok || u.Lie()) {
			t.Errorf("%q is canonically %q", s, c)
		}
	})
}

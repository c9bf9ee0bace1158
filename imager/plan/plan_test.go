package plan

import (
	"errors"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
)

func disk(serial string, changes ...func(*api.Drive)) api.Drive {
	d := api.Drive{Node: "sda", Location: "ata1/" + serial, Bus: api.BusATA, Model: "Disk", Serial: serial, SizeBytes: 256e9, LogicalSector: 512}
	for _, change := range changes {
		change(&d)
	}
	return d
}

func TestDrives(t *testing.T) {
	stick := disk("U1", func(d *api.Drive) { d.Bus, d.Removable = api.BusUSB, true })
	optical := disk("", func(d *api.Drive) { d.Excluded = "optical" })
	for name, c := range map[string]struct {
		drives     []api.Drive
		profile    imager.Profile
		work, left int
		err        error
	}{
		"two":                 {drives: []api.Drive{disk("S1"), disk("S2")}, work: 2},
		"stick":               {drives: []api.Drive{disk("S1"), stick}, work: 2},
		"stick excluded":      {drives: []api.Drive{disk("S1"), stick}, profile: imager.Profile{ExcludeRemovable: true}, work: 1, left: 1},
		"optical":             {drives: []api.Drive{disk("S1"), optical, optical}, work: 1, left: 2},
		"none":                {err: ErrNoDrive},
		"only what is left":   {drives: []api.Drive{optical}, left: 1, err: ErrNoDrive},
		"double":              {drives: []api.Drive{disk("S1"), disk("S1")}, err: ErrDuplicate},
		"double, left alone":  {drives: []api.Drive{disk("S1"), stick, stick}, profile: imager.Profile{ExcludeRemovable: true}, err: ErrDuplicate},
		"read-only":           {drives: []api.Drive{disk("S1", func(d *api.Drive) { d.ReadOnly = true })}, err: ErrReadOnly},
		"unknown bus":         {drives: []api.Drive{disk("S1", func(d *api.Drive) { d.Bus = "" })}, err: ErrBus},
		"fabric":              {drives: []api.Drive{disk("S1", func(d *api.Drive) { d.Bus = "nvme-tcp" })}, err: ErrBus},
		"no size":             {drives: []api.Drive{disk("S1", func(d *api.Drive) { d.SizeBytes = 0 })}, err: ErrSize},
		"blank serials apart": {drives: []api.Drive{disk("", func(d *api.Drive) { d.Location = "ata1" }), disk("", func(d *api.Drive) { d.Location = "ata2" })}, work: 2},
	} {
		work, left, err := Drives(api.Inventory{Drives: c.drives}, c.profile)
		if !errors.Is(err, c.err) || err == nil && (len(work) != c.work || len(left) != c.left) {
			t.Errorf("%s: %d to erase, %d left, %v", name, len(work), len(left), err)
		}
	}
}

func TestApproved(t *testing.T) {
	a, b, c := disk("S1"), disk("S2"), disk("S3")
	work := []api.Drive{a, b}
	for name, named := range map[string][]api.DriveID{
		"none": nil, "one missing": {a.ID()}, "one too many": {a.ID(), b.ID(), c.ID()},
		"another": {a.ID(), c.ID()}, "one twice": {a.ID(), a.ID()}, "twice and all": {a.ID(), a.ID(), b.ID()},
	} {
		if err := Approved(work, nil, named); !errors.Is(err, ErrDrives) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Approved(work, nil, []api.DriveID{b.ID(), a.ID()}); err != nil {
		t.Error(err)
	}
	left := []imager.LeftDrive{{Drive: c, Why: "removable"}}
	for _, named := range [][]api.DriveID{{a.ID(), b.ID()}, {a.ID(), b.ID(), c.ID()}} {
		if err := Approved(work, left, named); err != nil {
			t.Errorf("with a removable drive left alone: %v", err)
		}
	}
	if err := Approved(work, left, []api.DriveID{a.ID(), c.ID()}); !errors.Is(err, ErrDrives) {
		t.Errorf("a removable drive named in place of another: %v", err)
	}
}

func TestChanged(t *testing.T) {
	a, b := disk("S1"), disk("S2")
	swapped := disk("S9", func(d *api.Drive) { d.Location = a.Location })
	moved := disk("S1", func(d *api.Drive) { d.Node = "sdz" })
	optical := disk("O1", func(d *api.Drive) { d.Excluded = "optical" })
	for name, c := range map[string]struct {
		before, now []api.Drive
		says        []string
	}{
		"same":              {[]api.Drive{a, b}, []api.Drive{b, moved}, nil},
		"optical came":      {[]api.Drive{a}, []api.Drive{a, optical}, nil},
		"removed":           {[]api.Drive{a, b}, []api.Drive{a}, []string{"S2", "removed"}},
		"added":             {[]api.Drive{a}, []api.Drive{a, b}, []string{"S2", "added"}},
		"swapped":           {[]api.Drive{a, b}, []api.Drive{swapped, b}, []string{"S1", "changed", "S9"}},
		"all gone":          {[]api.Drive{a, b}, nil, []string{"S1", "S2", "removed"}},
		"a double appeared": {[]api.Drive{a}, []api.Drive{a, a}, []string{"S1", "added"}},
		"became optical":    {[]api.Drive{disk("O1")}, []api.Drive{optical}, []string{"O1", "removed"}},
		"another size":      {[]api.Drive{a}, []api.Drive{disk("S1", func(d *api.Drive) { d.SizeBytes++ })}, []string{"changed"}},
	} {
		got := Changed(c.before, c.now)
		if len(c.says) == 0 && got != "" {
			t.Errorf("%s: %q", name, got)
		}
		for _, word := range c.says {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %q does not say %q", name, got, word)
			}
		}
	}
}

func TestSystem(t *testing.T) {
	m := manifest.Manifest{Name: "debian", RawBytes: 4e9, MinDriveBytes: 8e9, LogicalSector: 512}
	of := func(serial string, bytes uint64, changes ...func(*api.Drive)) api.Drive {
		d := disk(serial, changes...)
		d.SizeBytes = bytes
		return d
	}
	rotating := func(d *api.Drive) { d.Rotational = true }
	removable := func(d *api.Drive) { d.Removable = true }
	native := func(d *api.Drive) { d.LogicalSector = 4096 }
	for name, c := range map[string]struct {
		work []api.Drive
		want string // serial of the one wanted by the operator
		get  string
		err  error
	}{
		"smallest SSD":           {work: []api.Drive{of("A", 500e9), of("B", 250e9), of("C", 100e9, rotating)}, get: "B"},
		"SSD too small":          {work: []api.Drive{of("A", 4e9), of("B", 100e9, rotating), of("C", 50e9, rotating)}, get: "C"},
		"exactly":                {work: []api.Drive{of("A", 8e9)}, get: "A"},
		"one byte short":         {work: []api.Drive{of("A", 8e9-1)}, err: ErrTooSmall},
		"4Kn":                    {work: []api.Drive{of("A", 100e9, native)}, err: ErrSector},
		"4Kn passed over":        {work: []api.Drive{of("A", 100e9, native), of("B", 500e9)}, get: "B"},
		"only a stick":           {work: []api.Drive{of("A", 100e9, removable)}, err: ErrSystem},
		"a stick that is wanted": {work: []api.Drive{of("A", 100e9, removable), of("B", 100e9)}, want: "A", get: "A"},
		"wanted":                 {work: []api.Drive{of("A", 100e9), of("B", 500e9, rotating)}, want: "B", get: "B"},
		"wanted, too small":      {work: []api.Drive{of("A", 4e9), of("B", 500e9)}, want: "A", err: ErrTooSmall},
		"wanted, not there":      {work: []api.Drive{of("A", 100e9)}, want: "Z", err: ErrSystem},
		"none":                   {err: ErrSystem},
	} {
		var want api.DriveID
		if c.want != "" {
			want = "missing"
		}
		for _, d := range c.work {
			if d.Serial == c.want {
				want = d.ID()
			}
		}
		id, err := System(c.work, m, want)
		if !errors.Is(err, c.err) || err == nil && !strings.Contains(string(id), "|"+c.get+"|") {
			t.Errorf("%s: %s, %v", name, id, err)
		}
	}
}

func TestFirmware(t *testing.T) {
	bios := api.Firmware{Kind: api.FirmwareBIOS}
	uefi := api.Firmware{Kind: api.FirmwareUEFI}
	secure := api.Firmware{Kind: api.FirmwareUEFI, SecureBoot: true}
	for _, c := range []struct {
		firmware api.Firmware
		image    []manifest.Firmware
		ok       bool
	}{
		{bios, []manifest.Firmware{manifest.BIOS}, true},
		{bios, []manifest.Firmware{manifest.UEFI, manifest.SecureBoot}, false},
		{uefi, []manifest.Firmware{manifest.UEFI}, true},
		{uefi, []manifest.Firmware{manifest.BIOS}, false},
		{uefi, []manifest.Firmware{manifest.SecureBoot}, false},
		{secure, []manifest.Firmware{manifest.UEFI}, false},
		{secure, []manifest.Firmware{manifest.SecureBoot}, true},
		{api.Firmware{}, []manifest.Firmware{manifest.BIOS, manifest.UEFI}, false},
		{bios, nil, false},
	} {
		err := Firmware(c.firmware, manifest.Manifest{Name: "x", Firmware: c.image})
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrFirmware) {
			t.Errorf("%+v with %v: %v", c.firmware, c.image, err)
		}
	}
}

func TestHostname(t *testing.T) {
	inv := api.Inventory{System: api.System{Serial: "B5R5_M22 "}, NICs: []api.NIC{{MAC: "x"}, {MAC: "18:66:da:01:02:03", Boot: true}}}
	for pattern, want := range map[string]string{
		"": "regain-12", "pc-{number}": "pc-12", "{serial}": "b5r5-m22", "X{mac}": "x1866da010203",
		"école-{number}": "cole-12", strings.Repeat("a", 80): strings.Repeat("a", 63), "-{number}-": "12",
	} {
		if got, err := Hostname(pattern, 12, inv); got != want || err != nil {
			t.Errorf("%q: %q, %v", pattern, got, err)
		}
	}
	for _, pattern := range []string{"{nummer}", "{", "---", "{serial}{"} {
		if got, err := Hostname(pattern, 12, inv); !errors.Is(err, ErrHostname) {
			t.Errorf("%q: %q, %v", pattern, got, err)
		}
	}
}

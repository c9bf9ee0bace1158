package plan

import (
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestProtected(t *testing.T) {
	inv := api.Inventory{
		System: api.System{UUID: "4c4c4544-0035-5210-8042-b5c04f4d3232", Serial: "B5R5M22", BoardSerial: "/B5R5M22/CN1/"},
		NICs:   []api.NIC{{MAC: "02:00:00:00:00:01"}, {MAC: "18:66:da:01:02:03"}},
		Drives: []api.Drive{
			disk("S1", func(d *api.Drive) { d.WWN = "naa.5000c500aabbccdd" }),
			disk("N1", func(d *api.Drive) { d.EUI64, d.NGUID = "0025385b71b0f3a1", "0025385b71b0f3a1002538510000000a" }),
			disk("U1", func(d *api.Drive) { d.Excluded = "boot medium" }),
			disk(""),
		},
	}
	for name, c := range map[string]struct {
		entry imager.Protected
		says  string // "" for not met
	}{
		"nothing":                    {imager.Protected{Reason: "x"}, ""},
		"UUID":                       {imager.Protected{UUID: "4c4c4544-0035-5210-8042-b5c04f4d3232"}, "machine"},
		"UUID in capitals":           {imager.Protected{UUID: " 4C4C4544-0035-5210-8042-B5C04F4D3232 "}, "machine"},
		"UUID in the other order":    {imager.Protected{UUID: "44454c4c-3500-1052-8042-b5c04f4d3232"}, "machine"},
		"another UUID":               {imager.Protected{UUID: "4c4c4544-0035-5210-8042-b5c04f4d3233"}, ""},
		"serial":                     {imager.Protected{Serial: " b5r5m22"}, "machine"},
		"board's serial":             {imager.Protected{Serial: "/B5R5M22/CN1/"}, "machine"},
		"part of a serial":           {imager.Protected{Serial: "B5R5M"}, ""},
		"MAC":                        {imager.Protected{MAC: "18-66-DA-01-02-03"}, "machine"},
		"another MAC":                {imager.Protected{MAC: "18:66:da:01:02:04"}, ""},
		"drive serial":               {imager.Protected{DriveSerial: "s1 "}, "S1"},
		"serial of a device left":    {imager.Protected{DriveSerial: "U1"}, "U1"},
		"WWN":                        {imager.Protected{DriveWWN: "0x5000C500AABBCCDD"}, "S1"},
		"EUI-64":                     {imager.Protected{DriveWWN: "eui.0025385B71B0F3A1"}, "N1"},
		"EUI-64 with hyphens":        {imager.Protected{DriveWWN: "00-25-38-5b-71-b0-f3-a1"}, "N1"},
		"NGUID":                      {imager.Protected{DriveWWN: "0025385b71b0f3a1002538510000000a"}, "N1"},
		"another drive":              {imager.Protected{DriveSerial: "S2"}, ""},
		"another WWN":                {imager.Protected{DriveWWN: "naa.5000c500aabbccde"}, ""},
		"machine and drive":          {imager.Protected{Serial: "B5R5M22", DriveSerial: "S1"}, "S1"},
		"machine, and another drive": {imager.Protected{Serial: "B5R5M22", DriveSerial: "S2"}, ""},
		"drive, and another machine": {imager.Protected{Serial: "X", DriveSerial: "S1"}, ""},
		"serial and WWN of two":      {imager.Protected{DriveSerial: "N1", DriveWWN: "naa.5000c500aabbccdd"}, ""},
		"all of a machine":           {imager.Protected{Serial: "B5R5M22", MAC: "18:66:da:01:02:03"}, "machine"},
		"all but one":                {imager.Protected{Serial: "B5R5M22", MAC: "18:66:da:01:02:09"}, ""},
		"a blank serial":             {imager.Protected{DriveSerial: " "}, ""},
	} {
		c.entry.Reason = "the payroll server"
		got := Protected([]imager.Protected{c.entry}, inv)
		if (len(got) == 1) != (c.says != "") || len(got) > 1 {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for _, word := range []string{c.says, "the payroll server", "never erased here"} {
			if len(got) == 1 && !strings.Contains(got[0], word) {
				t.Errorf("%s: %q does not say %q", name, got[0], word)
			}
		}
	}
	if got := Protected([]imager.Protected{{Serial: "B5R5M22"}, {DriveSerial: "S1"}}, inv); len(got) != 2 || !strings.Contains(got[0], "no reason") {
		t.Errorf("two entries: %q", got)
	}
	if got := Protected([]imager.Protected{{UUID: ""}, {Serial: ""}}, api.Inventory{}); got != nil {
		t.Errorf("empty entries: %q", got)
	}
}

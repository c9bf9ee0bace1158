package explain

import (
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func n(v uint64) *uint64 { return &v }

func TestHealth(t *testing.T) {
	warm, hot, ok, warns, wear := 38, 61, uint8(0), uint8(0x14), uint8(7)
	before := &api.Health{PowerOnHours: n(8412), MediaErrors: n(3), Celsius: &warm, CriticalWarning: &ok, UsedPercent: &wear}
	after := &api.Health{PowerOnHours: n(8413), MediaErrors: n(1203), Celsius: &hot, CriticalWarning: &warns}
	got := map[string]Reading{}
	for _, r := range Health(before, after) {
		got[r.Name] = r
	}
	for name, want := range map[string]Reading{
		"Power-on hours":   {"Power-on hours", "8,412", "8,413", ""},
		"Media errors":     {"Media errors", "3", "1,203", "1,200 more than before"},
		"Temperature":      {"Temperature", "38 °C", "61 °C", ""},
		"Critical warning": {"Critical warning", "none", "14h", "the drive warns"},
		"Wear":             {"Wear", "7 %", "not told", ""},
	} {
		if got[name] != want {
			t.Errorf("%+v, want %+v", got[name], want)
		}
	}
	if len(got) != 5 {
		t.Errorf("figures that were never told are shown: %v", got)
	}
	for _, r := range Health(before, nil) {
		if r.After != "not read" || r.Worse != "" {
			t.Errorf("without a second look: %+v", r)
		}
	}
	if all := Health(nil, nil); len(all) != 0 {
		t.Errorf("of nothing: %v", all)
	}
}

// TestNoZeroIsInvented: a figure that the drive does not tell is never 0.
func TestNoZeroIsInvented(t *testing.T) {
	for _, r := range Health(&api.Health{MediaErrors: n(5)}, &api.Health{}) {
		if r.After == "0" {
			t.Errorf("%+v", r)
		}
	}
}

func TestAttempts(t *testing.T) {
	got := Attempts(&api.DriveEvidence{Attempts: []api.Attempt{
		{Method: api.MethodSanitizeBlock, NotRun: "invalid opcode", Commands: []api.Command{{Name: "Sanitize", Opcode: 0x84, Arguments: 0x0a, Status: 0x001}}},
		{Method: api.MethodFormat, Error: "no answer for 600 s", BeganMillis: 1000, EndedMillis: 604_000, Commands: []api.Command{
			{Name: "Format NVM", Opcode: 0x80, Arguments: 0x200, Status: -1, Error: "timed out", Millis: 600_000},
			{Name: "Keep Alive", Opcode: 0x18, Millis: 2}, {Name: "Keep Alive", Opcode: 0x18, Millis: 3},
		}},
	}})
	if len(got) != 2 || got[0].Result != "not run: invalid opcode" || got[0].Took != "" || got[1].Result != "did not complete: no answer for 600 s" || got[1].Took != "10 min 03 s" {
		t.Fatalf("%+v", got)
	}
	if c := got[0].Commands[0]; c.Status != "ended with status 001h" || c.Code != "84h, CDW10 0000000Ah" {
		t.Errorf("%+v", c)
	}
	if c := got[1].Commands[0]; c.Status != "no answer: timed out" {
		t.Errorf("%+v", c)
	}
	if len(got[1].Commands) != 2 || got[1].Commands[1].Times != 2 || got[1].Commands[1].Took != "5 ms" {
		t.Errorf("equal commands are not folded: %+v", got[1].Commands)
	}
	if Attempts(nil) != nil {
		t.Error("attempts without evidence")
	}
}

// TestFactsHideNothingBad: every count that speaks against an erasure is told.
func TestFactsHideNothingBad(t *testing.T) {
	for want, a := range map[string]api.Attempt{
		"61 still there":                                 {Markers: &api.Markers{Blocks: 64, Laid: 64, Read: 64, StillThere: 61}},
		"former content in 5 of their places":            {Markers: &api.Markers{Blocks: 64, Laid: 64, Read: 64, Former: 5}},
		"2 of 192 samples of former content":             {Markers: &api.Markers{Blocks: 64, Laid: 64, Read: 64, Samples: 192, SamplesHit: 2}},
		"7 could not be read":                            {Markers: &api.Markers{Blocks: 64, Laid: 64, Read: 57, ReadErrors: 7}},
		"not looked for afterwards":                      {Markers: &api.Markers{Blocks: 64, Laid: 64}},
		"laid before a power cut":                        {Markers: &api.Markers{Blocks: 64, Laid: 64, Read: 64, Carried: true}},
		"12 something else; the first at byte 1,048,576": {Sampling: &api.Sampling{Blocks: 256, Read: 256, Other: 12, First: []api.Range{{Offset: 1 << 20}}}},
		"3 not readable":                                 {Sampling: &api.Sampling{Blocks: 256, Read: 253, ReadErrors: 3}},
		"9 like noise":                                   {Sampling: &api.Sampling{Blocks: 256, Read: 256, Random: 9}},
		"neither accepted nor seen running":              {Sanitize: &api.Sanitize{Read: true, Status: 1}},
		"its log could not be read":                      {Sanitize: &api.Sanitize{Accepted: true}},
		"last state: failed (0003h)":                     {Sanitize: &api.Sanitize{Accepted: true, Read: true, Status: 3}},
		"failure left by Exit Failure Mode":              {Sanitize: &api.Sanitize{Accepted: true, Read: true, Status: 3, Recovered: true}},
		"not flushed":                                    {Overwrite: &api.Overwrite{}},
		"2 parts could not be written":                   {Overwrite: &api.Overwrite{WriteErrors: make([]api.Range, 2)}},
		"resumed at 100.0 GB":                            {Overwrite: &api.Overwrite{From: 100e9}},
		"4 MiB differ":                                   {ReadBack: &api.ReadBack{Mismatches: 4}},
		"1 part could not be read":                       {ReadBack: &api.ReadBack{ReadErrors: make([]api.Range, 1)}},
		"paused once to cool down, 1 min 05 s":           {Pace: &api.Pace{Pauses: 1, PausedMillis: 65_000}},
	} {
		all := facts(a)
		if len(all) != 1 || !strings.Contains(all[0].Text, want) {
			t.Errorf("%+v, want one that says %q", all, want)
		}
	}
}

func TestRecheck(t *testing.T) {
	for want, r := range map[string]imager.Recheck{
		"awaited":              {},
		"stopped: disappeared": {Evidence: &api.DriveEvidence{Stopped: "disappeared"}},
		"nothing was read":     {Evidence: &api.DriveEvidence{Kept: true}},
		"256 of 256 read (268.4 MB); 256 this job's pattern": {Evidence: &api.DriveEvidence{Recheck: &api.Sampling{Blocks: 256, Read: 256, Bytes: 256 << 20, Pattern: 256}}},
	} {
		if got := Recheck(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDevice(t *testing.T) {
	for want, d := range map[string]api.StorageDevice{
		"NVMe controller nvme0, SSD: no drive; the kernel says dead":                      {Kind: api.StorageNVMe, Address: "nvme0", Name: "SSD", State: "dead"},
		"NVMe controller nvme0: drives nvme0n1, nvme0n2":                                  {Kind: api.StorageNVMe, Address: "nvme0", State: "live", Drives: []string{"nvme0n1", "nvme0n2"}},
		"PCI 0000:00:17.0 (8086:282a): no drive; keeps 1 NVMe drive to itself; no driver": {Kind: api.StoragePCI, Address: "0000:00:17.0", Vendor: 0x8086, Device: 0x282a, Remapped: 1},
		"Slot M.2 slot 1: in use, but its device was not found":                           {Kind: api.StorageSlot, Address: "M.2 slot 1", InUse: true},
		"Slot M.2 slot 1: in use by 0000:03:00.0":                                         {Kind: api.StorageSlot, Address: "M.2 slot 1", InUse: true, Present: true, PCIAddress: "0000:03:00.0"},
		"Port ata3: no drive; link at 6.0 Gbps":                                           {Kind: api.StorageATA, Address: "ata3", State: "6.0 Gbps"},
		"SCSI disk 0:0:0:0: no drive; the kernel says offline":                            {Kind: api.StorageSCSI, Address: "0:0:0:0", State: "offline"},
		"Slot M.2 slot 1: not in use":                                                     {Kind: api.StorageSlot, Address: "M.2 slot 1"},
	} {
		name, found := Device(d)
		if got := name + ": " + found; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAsked(t *testing.T) {
	got := facts(api.Attempt{Asked: []api.Asked{
		{Name: "Identify", Opcode: 0x06, Arguments: 1, Times: 2},
		{Name: "Get Log Page", Opcode: 0x02, Arguments: 0x007f0081, Times: 90, Failed: 3, Status: 0x006},
	}})
	want := Fact{"Asked besides", "Identify (00000001h) 2 times; Get Log Page (007F0081h) 90 times, 3 without success"}
	if len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

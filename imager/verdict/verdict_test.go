package verdict

import (
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

const size = 512 << 20

func ata() api.Drive {
	return api.Drive{Bus: api.BusATA, Model: "Disk", Serial: "S1", SizeBytes: size, LogicalSector: 512}
}

func nvme() api.Drive {
	return api.Drive{Bus: api.BusNVMe, Model: "SSD", Serial: "N1", SizeBytes: size, LogicalSector: 4096,
		NVMe: &api.NVMe{NSID: 1, Namespaces: 1, OACS: 2, FNA: 4, LBAFormat: 1, LBADataSize: 4096, Metadata: 8, MetadataExt: true, Protection: 1}}
}

// sample is a plan with evidence that satisfies it. Every call gives new records,
// which a case may change.
type sample struct {
	plan imager.JobDrive
	ev   *api.DriveEvidence
}

func plan(d api.Drive, verify api.Verify, methods ...api.Method) imager.JobDrive {
	return imager.JobDrive{ID: d.ID(), Drive: d, Methods: methods, Verify: verify}
}

func overwritten() sample {
	d, after := ata(), ata()
	return sample{plan(d, api.VerifyFull, api.MethodOverwrite), &api.DriveEvidence{Drive: d.ID(), Before: ata(), After: &after, Attempts: []api.Attempt{{
		Method: api.MethodOverwrite, BeganMillis: 10, EndedMillis: 20,
		Overwrite: &api.Overwrite{Pattern: "aes128-ctr-1", BytesWritten: size, Flushed: true},
		ReadBack:  &api.ReadBack{BytesRead: size},
	}}}}
}

// formatCommandSent is a Format NVM that succeeded: opcode 80h, CDW10 with SES in
// bits 11:09 and LBA format 1 in bits 3:0 (NVM Express Base Specification 2.0,
// section 5.14, figure 307).
func formatCommandSent(ses uint32) api.Command {
	return api.Command{Name: "Format NVM", Opcode: 0x80, Arguments: ses<<9 | 1}
}

func formatted(method api.Method, ses uint32, verify api.Verify) sample {
	d, after := nvme(), nvme()
	a := api.Attempt{
		Method: method, BeganMillis: 10, EndedMillis: 20,
		Commands: []api.Command{{Name: "Identify", Opcode: 0x06}, formatCommandSent(ses)},
		Markers:  &api.Markers{Blocks: 64, BlockBytes: 65536, Laid: 64, Flushed: true, Read: 64, FormerSkip: 3, Samples: 192},
	}
	if verify == api.VerifyFull {
		a.ReadBack = &api.ReadBack{BytesRead: size, ZeroBytes: size}
	}
	return sample{plan(d, verify, method, api.MethodOverwrite), &api.DriveEvidence{Drive: d.ID(), Before: nvme(), After: &after, Attempts: []api.Attempt{a}}}
}

func good() map[string]sample {
	fallen := overwritten()
	fallen.plan.Methods = []api.Method{api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite}
	refused := func(m api.Method, ses uint32) api.Attempt {
		c := formatCommandSent(ses)
		c.Status = 0x10a // invalid format
		return api.Attempt{Method: m, NotRun: "invalid format", Commands: []api.Command{c}}
	}
	fallen.ev.Attempts = []api.Attempt{refused(api.MethodFormatCrypto, 2), refused(api.MethodFormat, 1), fallen.ev.Attempts[0]}
	return map[string]sample{
		"overwrite":                overwritten(),
		"format crypto":            formatted(api.MethodFormatCrypto, 2, api.VerifyNISTR2),
		"format":                   formatted(api.MethodFormat, 1, api.VerifyNISTR2),
		"format, read whole":       formatted(api.MethodFormat, 1, api.VerifyFull),
		"overwrite after refusals": fallen,
	}
}

func TestGoodEvidenceIsErased(t *testing.T) {
	for name, s := range good() {
		if o, why := drive(s.plan, s.ev); o != imager.OutcomeErased || why == "" {
			t.Errorf("%s: %s: %s", name, o, why)
		}
	}
}

func last(s sample) *api.Attempt { return &s.ev.Attempts[len(s.ev.Attempts)-1] }

// TestTable has a row for each way in which evidence falls short.
func TestTable(t *testing.T) {
	const (
		unknown   = imager.OutcomeUnknown
		notErased = imager.OutcomeNotErased
	)
	type row struct {
		of     string
		want   imager.Outcome
		change func(s *sample)
	}
	for name, r := range map[string]row{
		"no evidence":         {"overwrite", unknown, func(s *sample) { s.ev = nil }},
		"empty evidence":      {"overwrite", unknown, func(s *sample) { s.ev = &api.DriveEvidence{} }},
		"of another drive":    {"overwrite", unknown, func(s *sample) { s.ev.Drive = "other" }},
		"another before":      {"overwrite", unknown, func(s *sample) { s.ev.Before.Serial = "S2" }},
		"cancelled":           {"overwrite", unknown, func(s *sample) { s.ev.Stopped = "cancelled" }},
		"kept":                {"overwrite", unknown, func(s *sample) { s.ev.Kept = true }},
		"no attempt":          {"overwrite", unknown, func(s *sample) { s.ev.Attempts = nil }},
		"error":               {"overwrite", unknown, func(s *sample) { last(*s).Error = "timeout" }},
		"no read-back":        {"overwrite", unknown, func(s *sample) { last(*s).ReadBack = nil }},
		"no record":           {"overwrite", unknown, func(s *sample) { last(*s).Overwrite = nil }},
		"nameless pattern":    {"overwrite", unknown, func(s *sample) { last(*s).Overwrite.Pattern = "" }},
		"written short":       {"overwrite", unknown, func(s *sample) { last(*s).Overwrite.BytesWritten-- }},
		"written too much":    {"overwrite", unknown, func(s *sample) { last(*s).Overwrite.BytesWritten++ }},
		"not flushed":         {"overwrite", unknown, func(s *sample) { last(*s).Overwrite.Flushed = false }},
		"write error":         {"overwrite", unknown, func(s *sample) { last(*s).Overwrite.WriteErrors = []api.Range{{Length: 512}} }},
		"read short":          {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.BytesRead-- }},
		"read too much":       {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.BytesRead++ }},
		"read error":          {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.ReadErrors = []api.Range{{Length: 512}} }},
		"mismatch":            {"overwrite", notErased, func(s *sample) { last(*s).ReadBack.Mismatches = 1 }},
		"mismatch unread":     {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.Mismatches, last(*s).ReadBack.BytesRead = 1, 0 }},
		"place, no mismatch":  {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.First = []api.Range{{Length: 1}} }},
		"more zeros than all": {"overwrite", unknown, func(s *sample) { last(*s).ReadBack.ZeroBytes = size + 1 }},
		"ended before begun":  {"overwrite", unknown, func(s *sample) { last(*s).EndedMillis = 1 }},
		"after not told":      {"overwrite", unknown, func(s *sample) { s.ev.After = nil; s.ev.AfterError = "gone" }},
		"after with error":    {"overwrite", unknown, func(s *sample) { s.ev.AfterError = "gone" }},
		"after is another":    {"overwrite", unknown, func(s *sample) { s.ev.After.Serial = "S2" }},
		"after is smaller":    {"overwrite", unknown, func(s *sample) { s.ev.After.SizeBytes /= 2 }},
		"after sector":        {"overwrite", unknown, func(s *sample) { s.ev.After.LogicalSector = 4096 }},
		"not planned":         {"overwrite", unknown, func(s *sample) { last(*s).Method = api.MethodFormat }},
		"method unknown": {"overwrite", unknown, func(s *sample) {
			last(*s).Method, s.plan.Methods = "magic", []api.Method{"magic"}
			last(*s).Overwrite = nil
		}},
		"twice":            {"overwrite", unknown, func(s *sample) { s.ev.Attempts = append(s.ev.Attempts, s.ev.Attempts[0]) }},
		"empty drive":      {"overwrite", unknown, func(s *sample) { *s = emptyDrive() }},
		"with markers too": {"overwrite", unknown, func(s *sample) { last(*s).Markers = &api.Markers{} }},

		"no markers":            {"format", unknown, func(s *sample) { last(*s).Markers = nil }},
		"zero markers":          {"format", unknown, func(s *sample) { last(*s).Markers = &api.Markers{Flushed: true, BlockBytes: 512} }},
		"too few markers":       {"format", unknown, func(s *sample) { m := last(*s).Markers; m.Blocks, m.Laid, m.Read, m.FormerSkip = 31, 31, 31, 0 }},
		"markers of no size":    {"format", unknown, func(s *sample) { last(*s).Markers.BlockBytes = 0 }},
		"marker not laid":       {"format", unknown, func(s *sample) { last(*s).Markers.Laid-- }},
		"markers not flushed":   {"format", unknown, func(s *sample) { last(*s).Markers.Flushed = false }},
		"marker not read":       {"format", unknown, func(s *sample) { last(*s).Markers.Read-- }},
		"marker unreadable":     {"format", unknown, func(s *sample) { last(*s).Markers.ReadErrors = 1 }},
		"marker still there":    {"format", notErased, func(s *sample) { last(*s).Markers.StillThere = 1 }},
		"former content":        {"format", notErased, func(s *sample) { last(*s).Markers.Former = 1 }},
		"sample hit":            {"format", notErased, func(s *sample) { last(*s).Markers.SamplesHit = 1 }},
		"more laid than blocks": {"format", unknown, func(s *sample) { last(*s).Markers.Laid = 65 }},
		"more read than blocks": {"format", unknown, func(s *sample) { last(*s).Markers.Read = 65 }},
		"more hit than read":    {"format", unknown, func(s *sample) { last(*s).Markers.StillThere = 65 }},
		"more hits than taken":  {"format", unknown, func(s *sample) { last(*s).Markers.SamplesHit = 193 }},
		"negative count":        {"format", unknown, func(s *sample) { last(*s).Markers.StillThere = -1 }},
		"markers beyond":        {"format", unknown, func(s *sample) { last(*s).Markers.BlockBytes = size }},
		"no command":            {"format", unknown, func(s *sample) { last(*s).Commands = nil }},
		"two commands":          {"format", unknown, func(s *sample) { last(*s).Commands = append(last(*s).Commands, formatCommandSent(1)) }},
		"no status":             {"format", unknown, func(s *sample) { last(*s).Commands[1].Status = -1 }},
		"bad status":            {"format", unknown, func(s *sample) { last(*s).Commands[1].Status = 0x10a }},
		"kernel's error":        {"format", unknown, func(s *sample) { last(*s).Commands[1].Error = "timeout" }},
		"no secure erase":       {"format", unknown, func(s *sample) { last(*s).Commands[1].Arguments = 1 }},
		"crypto for user data":  {"format", unknown, func(s *sample) { last(*s).Commands[1].Arguments = 2<<9 | 1 }},
		"user data for crypto":  {"format crypto", unknown, func(s *sample) { last(*s).Commands[1].Arguments = 1<<9 | 1 }},
		"another LBA format":    {"format", unknown, func(s *sample) { last(*s).Commands[1].Arguments = 1 << 9 }},
		"format of no NVMe":     {"format", unknown, func(s *sample) { s.plan.Drive.NVMe, s.ev.Before.NVMe, s.ev.After.NVMe = nil, nil, nil }},
		"overwritten too":       {"format", unknown, func(s *sample) { last(*s).Overwrite = &api.Overwrite{} }},
		"LBA format":            {"format", unknown, func(s *sample) { s.ev.After.NVMe.LBAFormat = 0 }},
		"LBA size":              {"format", unknown, func(s *sample) { s.ev.After.NVMe.LBADataSize = 512 }},
		"metadata":              {"format", unknown, func(s *sample) { s.ev.After.NVMe.Metadata = 0 }},
		"metadata's place":      {"format", unknown, func(s *sample) { s.ev.After.NVMe.MetadataExt = false }},
		"protection":            {"format", unknown, func(s *sample) { s.ev.After.NVMe.Protection = 0 }},
		"namespace":             {"format", unknown, func(s *sample) { s.ev.After.NVMe.NSID = 2 }},
		"namespaces":            {"format", unknown, func(s *sample) { s.ev.After.NVMe.Namespaces = 2 }},
		"no longer NVMe":        {"format", unknown, func(s *sample) { s.ev.After.NVMe = nil }},
		"another before format": {"format", unknown, func(s *sample) { s.ev.Before.NVMe.LBAFormat = 0 }},
		"no full read":          {"format, read whole", unknown, func(s *sample) { last(*s).ReadBack = nil }},
		"full read short":       {"format, read whole", unknown, func(s *sample) { last(*s).ReadBack.BytesRead--; last(*s).ReadBack.ZeroBytes = 0 }},
		"full read error":       {"format, read whole", unknown, func(s *sample) { last(*s).ReadBack.ReadErrors = []api.Range{{Length: 1}} }},
		"full read mismatch":    {"format, read whole", unknown, func(s *sample) { last(*s).ReadBack.Mismatches = 1 }},
		"samples, read error":   {"format", unknown, func(s *sample) { last(*s).ReadBack = &api.ReadBack{ReadErrors: []api.Range{{Length: 1}}} }},
		"verify unknown":        {"format", unknown, func(s *sample) { s.plan.Verify = "" }},

		"first may have run":     {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[0].NotRun = "" }},
		"first had succeeded":    {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[0].Commands[0].Status = 0 }},
		"first timed out":        {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[1].Commands[0].Status = -1 }},
		"first had an error":     {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[1].Error = "reset" }},
		"first had read markers": {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[0].Markers = &api.Markers{Blocks: 64, Read: 64} }},
		"first had written":      {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[0].Overwrite = &api.Overwrite{BytesWritten: 1} }},
		"first had read back":    {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts[0].ReadBack = &api.ReadBack{} }},
		"one left out":           {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts = s.ev.Attempts[1:] }},
		"gave up too early":      {"overwrite after refusals", unknown, func(s *sample) { s.ev.Attempts = s.ev.Attempts[:2] }},
		"every method refused": {"overwrite after refusals", notErased, func(s *sample) {
			*last(*s) = api.Attempt{Method: api.MethodOverwrite, NotRun: "write protected"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, ok := good()[r.of]
			if !ok {
				t.Fatalf("no sample %q", r.of)
			}
			r.change(&s)
			if o, why := drive(s.plan, s.ev); o != r.want || why == "" {
				t.Errorf("%s (%s), want %s", o, why, r.want)
			}
		})
	}
}

// emptyDrive is good in every number, on a drive that has no bytes.
func emptyDrive() sample {
	s := overwritten()
	s.plan.Drive.SizeBytes, s.ev.Before.SizeBytes, s.ev.After.SizeBytes = 0, 0, 0
	s.plan.ID = s.plan.Drive.ID()
	s.ev.Drive = s.plan.ID
	last(s).Overwrite.BytesWritten, last(s).ReadBack.BytesRead = 0, 0
	return s
}

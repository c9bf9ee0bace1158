package verdict

import (
	"crypto/sha256"
	"encoding/hex"

	"regain.example/agent/api"
	"regain.example/imager"
	plans "regain.example/imager/plan"
)

const size = 512 << 20

func ata() api.Drive {
	return api.Drive{Bus: api.BusATA, Model: "Disk", Serial: "S1", SizeBytes: size, LogicalSector: 512}
}

func nvme() api.Drive {
	return api.Drive{Bus: api.BusNVMe, Model: "SSD", Serial: "N1", SizeBytes: size, LogicalSector: 4096, Bay: "M.2 slot 1",
		NVMe: &api.NVMe{NSID: 1, Namespaces: 1, Allocated: 1, OACS: 2, FNA: 4, SANICAP: 7,
			LBAFormat: 1, LBADataSize: 4096, Metadata: 8, MetadataExt: true, Protection: 1}}
}

// sample is a plan with evidence that satisfies it. Every call gives new records,
// which a case may change.
type sample struct {
	plan   imager.JobDrive
	limits imager.DriveLimits
	ev     *api.DriveEvidence
}

func (s sample) judge() Judgement { return Drive(s.plan, s.limits, s.ev) }

func last(s *sample) *api.Attempt { return &s.ev.Attempts[len(s.ev.Attempts)-1] }

// seed names the samples' places; seedHash is made apart from the code under test.
func seed() []byte {
	b := make([]byte, 32)
	b[0] = 9
	return b
}

func seedHash() string {
	sum := sha256.Sum256(seed())
	return hex.EncodeToString(sum[:])
}

func healthy() *api.Health {
	return &api.Health{Source: "NVMe log page 02h", CriticalWarning: new(uint8(0)), Celsius: new(40), SparePercent: new(uint8(100)),
		SpareThreshold: new(uint8(10)), UsedPercent: new(uint8(3)), PowerOnHours: new(uint64(100)), MediaErrors: new(uint64(2)),
		UnsafeShutdowns: new(uint64(7)), ReallocatedSectors: new(uint64(1)), PendingSectors: new(uint64(1))}
}

// of makes a sample of a drive with attempts; d is called for each record anew.
func of(d func() api.Drive, verify api.Verify, methods []api.Method, attempts ...api.Attempt) sample {
	after := d()
	s := sample{plan: imager.JobDrive{ID: d().ID(), Drive: d(), Methods: methods, Verify: verify, SampleSeed: seed()},
		ev: &api.DriveEvidence{Drive: d().ID(), Before: d(), After: &after, Attempts: attempts,
			HealthBefore: healthy(), HealthAfter: healthy()}}
	return s
}

// sampled256 is what a nist-r2 or full sampling counts; 128 KiB are what package
// proof takes of a drive of 512 MiB.
func sampled256(verify api.Verify) *api.Sampling {
	return &api.Sampling{SeedSHA256: seedHash(), Plan: verify, Blocks: 256, BlockBytes: 128 << 10, Bytes: 256 * 128 << 10, Read: 256}
}

func uniform(verify api.Verify) *api.Sampling {
	s := sampled256(verify)
	s.Uniform = 256
	return s
}

func patterned(verify api.Verify) *api.Sampling {
	s := sampled256(verify)
	s.Pattern = 256
	return s
}

func noisy(verify api.Verify) *api.Sampling {
	s := sampled256(verify)
	s.Random, s.Uniform = 200, 56
	return s
}

func laid() *api.Markers {
	return &api.Markers{Blocks: 64, BlockBytes: 1 << 20, Laid: 64, Flushed: true, Read: 64, FormerSkip: 3, Samples: 192}
}

func overwriteAttempt(verify api.Verify) api.Attempt {
	return api.Attempt{Method: api.MethodOverwrite, BeganMillis: 10, EndedMillis: 20,
		Overwrite: &api.Overwrite{Pattern: "aes128-ctr-1", BytesWritten: size, Flushed: true},
		ReadBack:  &api.ReadBack{BytesRead: size}, Sampling: patterned(verify),
		Pace: &api.Pace{HottestCelsius: 45, SlowestBytesPerSecond: 100e6}}
}

// format is a Format NVM: opcode 80h, CDW10 with SES in bits 11:09, protection
// type 1 in bits 7:5, MSET in bit 4 and LBA format 1 in bits 3:0 (NVM Express Base
// Specification 2.0, section 5.14, figure 183).
func format(ses uint32) api.Command {
	return api.Command{Name: "Format NVM", Opcode: 0x80, NSID: 1, Arguments: ses<<9 | 1<<5 | 1<<4 | 1}
}

func formatAttempt(method api.Method, ses uint32, s *api.Sampling) api.Attempt {
	return api.Attempt{Method: method, BeganMillis: 10, EndedMillis: 20, Commands: []api.Command{format(ses)}, Markers: laid(), Sampling: s}
}

// sanitize is a Sanitize command: opcode 84h, CDW10 with the action in bits 2:0,
// AUSE in bit 3, one overwrite pass in bits 7:4 (section 5.24).
func sanitize(action uint32) api.Command {
	c := api.Command{Name: "Sanitize", Opcode: 0x84, Arguments: action | 1<<3}
	if action == 3 {
		c.Arguments |= 1 << 4
	}
	return c
}

func sanitizeAttempt(method api.Method, action uint32, s *api.Sampling) api.Attempt {
	c := sanitize(action)
	return api.Attempt{Method: method, BeganMillis: 10, EndedMillis: 20, Commands: []api.Command{c}, Markers: laid(), Sampling: s,
		Sanitize: &api.Sanitize{Arguments: c.Arguments, Accepted: true, SeenRunning: 3, Status: 0x101, Progress: 0xffff, LogArguments: c.Arguments, Read: true}}
}

func notRun(m api.Method, c api.Command) api.Attempt {
	c.Status = 0x002 // Invalid Field in Command
	return api.Attempt{Method: m, NotRun: "invalid field", Commands: []api.Command{c}}
}

func good() map[string]sample {
	const (
		block, crypto, over = api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite
		r2, r1, full        = api.VerifyNISTR2, api.VerifyNISTR1, api.VerifyFull
	)
	all := func() []api.Method {
		return []api.Method{block, crypto, api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite}
	}
	whole := formatAttempt(api.MethodFormat, 1, uniform(full))
	whole.ReadBack = &api.ReadBack{BytesRead: size, ZeroBytes: size}

	tenth := sanitizeAttempt(block, 2, &api.Sampling{SeedSHA256: seedHash(), Plan: r1, Blocks: 4000, BlockBytes: 16 << 10,
		Bytes: 4000 * 16 << 10, Read: 4000, Uniform: 4000}) // four blocks of each thousandth, as package proof does

	followed := of(nvme, r2, all()[1:], sanitizeAttempt(crypto, 4, noisy(r2)), overwriteAttempt(r2))
	followed.plan.Follow = api.MethodOverwrite
	formatFollowed := of(nvme, r2, all()[2:], formatAttempt(api.MethodFormatCrypto, 2, nil), overwriteAttempt(r2))
	formatFollowed.plan.Follow = api.MethodOverwrite

	old := of(ata, r2, []api.Method{api.MethodOverwrite}, overwriteAttempt(r2))
	old.plan.SampleSeed, last(&old).Sampling = nil, nil
	old.ev.HealthBefore, old.ev.HealthAfter = nil, nil

	wentOn := of(ata, r2, []api.Method{api.MethodOverwrite}, overwriteAttempt(r2))
	last(&wentOn).Overwrite.From, last(&wentOn).Overwrite.BytesWritten = size/4, size/4*3
	resume(&wentOn, api.JournalEntry{Method: api.MethodOverwrite, Stage: api.StageOffset, Offset: size / 2})

	writtenBefore := of(ata, r2, []api.Method{api.MethodOverwrite}, overwriteAttempt(r2))
	last(&writtenBefore).Overwrite.From, last(&writtenBefore).Overwrite.BytesWritten = size, 0
	resume(&writtenBefore, api.JournalEntry{Method: api.MethodOverwrite, Stage: api.StageCompleted, Offset: size, Pattern: "aes128-ctr-1"})

	beyondAll := of(nvme, r2, all(), sanitizeAttempt(block, 2, uniform(r2)))
	everywhere(&beyondAll, func(n *api.NVMe) { n.UnallocByte, n.Allocated = 1<<30, 2 })

	polled := of(nvme, r2, []api.Method{block}, sanitizeAttempt(block, 2, uniform(r2)))
	resume(&polled, api.JournalEntry{Method: block, Stage: api.StageAccepted})
	a := last(&polled)
	a.Commands, a.Sanitize.Accepted, a.Sanitize.Arguments = nil, false, 0
	*a.Markers = api.Markers{Blocks: 64, BlockBytes: 1 << 20, Read: 64, Carried: true}

	unanswered := of(nvme, r2, all(), sanitizeAttempt(block, 2, uniform(r2)))
	timedOut(&unanswered)
	left := of(nvme, r2, all(), sanitizeAttempt(block, 2, uniform(r2)))
	refusedFirst := sanitize(2)
	refusedFirst.Arguments |= 1 << 9
	refusedFirst.Status = 0x002
	last(&left).Commands = []api.Command{{Name: "Sanitize", Opcode: 0x84, Arguments: 1 | 8}, refusedFirst, sanitize(2)}

	eachOne := of(nvme, r2, all()[3:], formatAttempt(api.MethodFormat, 1, uniform(r2)))
	everywhere(&eachOne, func(n *api.NVMe) { n.Namespaces, n.Allocated, n.FNA = 2, 2, 1 })
	last(&eachOne).Commands = append(last(&eachOne).Commands, other(1))
	forAll := of(nvme, r2, all()[3:], formatAttempt(api.MethodFormat, 1, uniform(r2)))
	everywhere(&forAll, func(n *api.NVMe) { n.Namespaces, n.Allocated, n.FNA = 2, 2, 2 })
	last(&forAll).Commands = []api.Command{other(1)}

	return map[string]sample{
		"format of each":                   eachOne,
		"format of all":                    forAll,
		"sanitize seen running":            unanswered,
		"sanitize after another's failure": left,
		"overwrite":                        of(ata, r2, []api.Method{api.MethodOverwrite}, overwriteAttempt(r2)),
		"overwrite of wire 1":              old,
		"overwrite resumed":                wentOn,
		"overwrite of before":              writtenBefore,
		"overwrite after refusals": of(nvme, r2, all(), notRun(block, sanitize(2)), notRun(crypto, sanitize(4)),
			notRun(api.MethodFormatCrypto, format(2)), notRun(api.MethodFormat, format(1)), overwriteAttempt(r2)),
		"format":                     of(nvme, r2, all()[3:], formatAttempt(api.MethodFormat, 1, uniform(r2))),
		"format, read whole":         of(nvme, full, all()[3:], whole),
		"format crypto":              of(nvme, r2, all()[2:], formatAttempt(api.MethodFormatCrypto, 2, noisy(r2))),
		"format crypto, then":        formatFollowed,
		"sanitize block":             of(nvme, r2, all(), sanitizeAttempt(block, 2, uniform(r2))),
		"sanitize block, r1":         of(nvme, r1, all(), tenth),
		"sanitize beyond namespaces": beyondAll,
		"sanitize resumed":           polled,
		"sanitize crypto":            of(nvme, r2, all()[1:], sanitizeAttempt(crypto, 4, noisy(r2))),
		"sanitize crypto,then":       followed,
		"sanitize overwrite":         of(nvme, r2, []api.Method{over, api.MethodOverwrite}, sanitizeAttempt(over, 3, uniform(r2))),
	}
}

// resume makes a sample one of a boot that goes on with an earlier one's work, as
// package plan would.
func resume(s *sample, e api.JournalEntry) {
	s.plan.Journal = &imager.DriveJournal{JournalEntry: e}
	s.plan = plans.Resume(s.plan)
	s.plan.SampleSeed = seed()
	s.ev.Resumed = &api.Resume{JournalEntry: e}
}

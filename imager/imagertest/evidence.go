package imagertest

import (
	"crypto/sha256"
	"encoding/hex"

	"regain.example/agent/api"
	"regain.example/imager"
)

// judged is what the verdict says of a drive; see imager.JobDrive.
type judged struct {
	Outcome       imager.Outcome
	Level         imager.Level
	IEEE          string
	Proof, Reason string
	Advice        string
	Destroy       bool
}

// judge gives a drive of a job its evidence, and what is said of it.
func judge(d *imager.JobDrive, ev *api.DriveEvidence, j judged) {
	d.Evidence = ev
	_, d.EvidenceFile = canonical(ev)
	d.Outcome, d.Reason, d.Level, d.IEEE = j.Outcome, j.Reason, j.Level, j.IEEE
	d.Proof, d.Advice, d.Destroy = j.Proof, j.Advice, j.Destroy
}

// give is judge for the one drive of a machine's job.
func give(v imager.View, ev *api.DriveEvidence, j judged) { judge(v.Job.Drives[0], ev, j) }

// overwritten is what is seen of an overwrite that ends well.
func overwritten(d *imager.JobDrive) *api.DriveEvidence {
	after := d.Drive
	d.SampleSeed = seed('p')
	all := samples(d.SampleSeed, d.Verify)
	all.Uniform, all.Pattern = 0, all.Uniform
	return &api.DriveEvidence{
		Drive: d.ID, Before: d.Drive, After: &after, NativeBytes: d.Drive.SizeBytes,
		Attempts: []api.Attempt{{
			Method: api.MethodOverwrite, BeganMillis: 60_000, EndedMillis: 1_140_000,
			Overwrite: &api.Overwrite{Pattern: "aes128-ctr-1", BytesWritten: d.Drive.SizeBytes, Flushed: true, WriteMillis: 600_000},
			ReadBack:  &api.ReadBack{BytesRead: d.Drive.SizeBytes, Millis: 480_000}, Sampling: all,
		}},
	}
}

// sanitized is what is seen when an SSD sanitizes itself as it should.
func sanitized(d *imager.JobDrive) *api.DriveEvidence {
	after := d.Drive
	d.SampleSeed = seed('p')
	grown := health()
	*grown.PowerOnHours++
	*grown.Celsius = 44
	return &api.DriveEvidence{
		Drive: d.ID, Before: d.Drive, After: &after, HealthBefore: health(), HealthAfter: grown, NativeBytes: d.Drive.SizeBytes,
		Attempts: []api.Attempt{{
			Method: api.MethodSanitizeBlock, BeganMillis: 60_000, EndedMillis: 251_000, Commands: sanitizeCommands(),
			// CDW10: SANACT 2, block erase, with AUSE (NVM Express Base
			// Specification 2.0, section 5.24); SSTAT 1 with Global Data Erased.
			Sanitize: &api.Sanitize{Arguments: 0x0a, Accepted: true, SeenRunning: 37, Status: 0x101, Progress: 0xffff, LogArguments: 0x0a, Read: true, LongestStill: 4000},
			Markers:  &api.Markers{Blocks: 64, BlockBytes: 1 << 20, Laid: 64, Flushed: true, Read: 64, FormerSkip: 9, Samples: 192, FUA: true},
			Sampling: samples(d.SampleSeed, d.Verify),
			Pace:     &api.Pace{HottestCelsius: 47},
		}},
	}
}

// samples are those of a drive that reads as one byte value throughout.
func samples(seed []byte, plan api.Verify) *api.Sampling {
	sum := sha256.Sum256(seed)
	return &api.Sampling{
		SeedSHA256: hex.EncodeToString(sum[:]), Plan: plan, Blocks: api.R2Samples, BlockBytes: api.SampleBytes,
		Bytes: api.R2Samples * api.SampleBytes, Read: api.R2Samples, Uniform: api.R2Samples, FUA: true,
	}
}

// sanitizeCommands is a block erase with AUSE.
func sanitizeCommands() []api.Command {
	return []api.Command{{Name: "Sanitize", Opcode: 0x84, Arguments: 0x0a, Millis: 12}}
}

// health is that of an SSD after some years in an office.
func health() *api.Health {
	degrees := 38
	none, spare, least, used := uint8(0), uint8(100), uint8(10), uint8(7)
	return &api.Health{
		Source: "NVMe log page 02h", CriticalWarning: &none, Celsius: &degrees, SparePercent: &spare, SpareThreshold: &least,
		UsedPercent: &used, PowerOnHours: number(8412), MediaErrors: number(0), UnsafeShutdowns: number(61),
	}
}

func number(n uint64) *uint64 { return &n }

package verdict

import (
	"crypto/sha256"
	"encoding/hex"

	"regain.example/agent/api"
	"regain.example/imager"
)

// seedBytes is the length of a sample seed.
const seedBytes = 32

// sampled wants the samples at the places that the controller named. An overwrite
// by an agent of wire version 1 has none, and was never told a seed: it is read
// back in full.
func sampled(plan imager.JobDrive, a api.Attempt) *fault {
	if a.Sampling == nil && a.Method == api.MethodOverwrite && len(plan.SampleSeed) == 0 {
		return nil
	}
	return drawn(plan, a.Sampling)
}

// drawn wants enough samples, read whole, at the places of the plan's seed.
func drawn(plan imager.JobDrive, s *api.Sampling) *fault {
	switch {
	case s == nil:
		return sampling.because("no samples were read")
	case len(plan.SampleSeed) != seedBytes:
		return sampling.because("samples were read before their places were named")
	case s.SeedSHA256 != hash(plan.SampleSeed):
		return sampling.because("samples were read at other places than were named")
	case s.Plan != plan.Verify:
		return sampling.because("samples were read by the plan %q instead of %q", s.Plan, plan.Verify)
	case s.Read != s.Blocks || s.ReadErrors > 0:
		return sampling.because("only %d of %d samples could be read", s.Read, s.Blocks)
	case !enough(s, plan.Drive):
		return sampling.because("%d samples of %d bytes are too few", s.Blocks, s.BlockBytes)
	}
	return nil
}

func hash(seed []byte) string {
	sum := sha256.Sum256(seed)
	return hex.EncodeToString(sum[:])
}

// The least part of a small drive that one sample has to be, by plan.
const (
	shareR2 = 1 << 14
	shareR1 = 1 << 16
)

// enough reports whether there are as many samples as the plan asks for, or as the
// drive has room for.
func enough(s *api.Sampling, d api.Drive) bool {
	share := uint64(shareR2)
	if s.Plan == api.VerifyNISTR1 {
		share = shareR1
	}
	least := max(min(api.SampleBytes, d.SizeBytes/share), uint64(d.LogicalSector), 1)
	if uint64(max(s.BlockBytes, 0)) < least {
		return false
	}
	room := d.SizeBytes / uint64(s.BlockBytes)
	switch s.Plan {
	case api.VerifyNISTR2, api.VerifyFull:
		return uint64(s.Blocks) >= min(api.R2Samples, room)
	case api.VerifyNISTR1: // two in each range
		return s.Bytes >= d.SizeBytes/10 && uint64(s.Blocks) >= min(2*api.R1Ranges, room-room%2)
	}
	return false
}

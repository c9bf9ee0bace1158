package verdict

import (
	"cmp"

	"regain.example/agent/api"
)

// contradicts finds numbers that cannot be true together.
func contradicts(a api.Attempt, d api.Drive) *fault {
	why := cmp.Or(
		kinds(a),
		overwriteNumbers(a.Overwrite, d.SizeBytes),
		readBackNumbers(a.ReadBack, d.SizeBytes),
		markerNumbers(a.Markers, d.SizeBytes),
		samplingNumbers(a.Sampling, d.SizeBytes),
		sanitizeNumbers(a.Sanitize),
		paceNumbers(a.Pace),
	)
	switch {
	case a.EndedMillis < a.BeganMillis:
		why = "it ended before it began"
	case d.SizeBytes == 0:
		why = "the drive has no size"
	}
	if why == "" {
		return nil
	}
	return contradiction.because("the evidence of %s contradicts itself: %s", a.Method, why)
}

// kinds wants no part of another method's evidence.
func kinds(a api.Attempt) string {
	pattern := a.Method == api.MethodOverwrite
	_, sanitize := sanitizeAction(a.Method)
	if pattern && a.Markers != nil || !pattern && a.Overwrite != nil || !sanitize && a.Sanitize != nil {
		return "it holds what another method would leave"
	}
	return ""
}

func overwriteNumbers(o *api.Overwrite, size uint64) string {
	switch {
	case o == nil:
	case o.From > size || o.BytesWritten > size-o.From:
		return "more was written than the drive holds"
	}
	return ""
}

func readBackNumbers(r *api.ReadBack, size uint64) string {
	switch {
	case r == nil:
	case r.BytesRead > size:
		return "more was read than the drive holds"
	case r.ZeroBytes > r.BytesRead:
		return "more zeros than bytes were read"
	case r.Mismatches > 0 && r.BytesRead == 0:
		return "differences were found in what was not read"
	case r.Mismatches == 0 && len(r.First) > 0:
		return "places of differences are named, and none was counted"
	}
	return ""
}

func markerNumbers(m *api.Markers, size uint64) string {
	switch {
	case m == nil:
	case min(m.Blocks, m.BlockBytes, m.Laid, m.Read, m.StillThere, m.Former, m.FormerSkip,
		m.Samples, m.SamplesHit, m.ReadErrors) < 0:
		return "a count of markers is negative"
	case m.Laid > m.Blocks, m.Read > m.Blocks, m.StillThere > m.Read, m.Former > m.Read,
		m.FormerSkip > m.Blocks, m.SamplesHit > m.Samples:
		return "a part of the markers is larger than the whole"
	case larger(m.Blocks, m.BlockBytes, size):
		return "the markers are larger than the drive"
	case m.Carried && m.Former+m.Samples > 0:
		return "it knows former content that only an earlier boot could know"
	}
	return ""
}

func samplingNumbers(s *api.Sampling, size uint64) string {
	switch {
	case s == nil:
	case min(s.Blocks, s.BlockBytes, s.Read, s.ReadErrors, s.Uniform, s.Random, s.Pattern, s.Other) < 0:
		return "a count of samples is negative"
	case s.Read > s.Blocks, s.Bytes > size, larger(s.Read-1, s.BlockBytes, s.Bytes): // the drive's last block may be shorter
		return "a part of the samples is larger than the whole"
	case s.Uniform > s.Read, s.Random > s.Read, s.Pattern > s.Read, s.Other > s.Read,
		s.Uniform+s.Random+s.Pattern+s.Other != s.Read:
		return "the samples do not add up"
	case s.Other == 0 && len(s.First) > 0:
		return "places of samples with content are named, and none was counted"
	case s.Random > 0 && s.BlockBytes < leastNoise:
		return "noise was told from content in blocks too small for that"
	}
	return ""
}

// leastNoise is the smallest block, in bytes, that a test of its byte values can
// tell from noise.
const leastNoise = 4096

func sanitizeNumbers(s *api.Sanitize) string {
	switch {
	case s == nil:
	case s.SeenRunning < 0 || s.LongestStill < 0:
		return "a count of the sanitize log is negative"
	case !s.Read && (s.Status != 0 || s.Progress != 0 || s.LogArguments != 0 || s.SeenRunning > 0):
		return "the sanitize log was not read, and its content is told"
	case s.Accepted && s.Arguments == 0:
		return "a sanitize command was accepted that was not sent"
	}
	return ""
}

func paceNumbers(p *api.Pace) string {
	if p != nil && (p.Pauses < 0 || p.PausedMillis < 0 || p.Pauses == 0 && p.PausedMillis > 0) {
		return "the pauses do not add up"
	}
	return ""
}

// larger reports whether blocks of so many bytes are more than all.
func larger(blocks, bytes int, all uint64) bool {
	return blocks > 0 && bytes > 0 && uint64(blocks) > all/uint64(bytes)
}

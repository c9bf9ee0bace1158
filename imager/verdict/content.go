package verdict

import (
	"regain.example/agent/api"
	plans "regain.example/imager/plan"
)

// stillThere finds content that should be gone, or a pattern that should be there.
func stillThere(a api.Attempt) *fault {
	if r := a.ReadBack; r != nil && r.Mismatches > 0 {
		return content.because("%d MiB do not read as %s leaves them", r.Mismatches, a.Method)
	}
	return first(markersLeft(a), samplesLeft(a.Method, a.Sampling))
}

func markersLeft(a api.Attempt) *fault {
	switch m := a.Markers; {
	case m == nil:
	case m.StillThere > 0:
		return content.because("%d of %d markers that were written before %s are still there", m.StillThere, m.Blocks, a.Method)
	case m.Former > 0:
		return content.because("former content came back in %d of %d places after %s", m.Former, m.Blocks, a.Method)
	case m.SamplesHit > 0:
		return content.because("%d of %d samples of the former content are still there after %s", m.SamplesHit, m.Samples, a.Method)
	}
	return nil
}

// samplesLeft judges the kinds of blocks that were read after a method.
func samplesLeft(m api.Method, s *api.Sampling) *fault {
	switch {
	case s == nil:
	case m == api.MethodOverwrite && s.Pattern != s.Read:
		return content.because("%d of %d samples are not the pattern that was written", s.Read-s.Pattern, s.Read)
	case m == api.MethodOverwrite:
	case s.Other > 0:
		return content.because("%d of %d samples hold content after %s", s.Other, s.Read, m)
	case s.Pattern > 0:
		return content.because("%d of %d samples hold what was written before %s", s.Pattern, s.Read, m)
	case s.Random > 0 && !plans.Crypto(m):
		return noise.because("%d of %d samples read as noise after %s, which forgets no key", s.Random, s.Read, m)
	}
	return nil
}

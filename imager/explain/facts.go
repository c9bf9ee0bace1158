package explain

import (
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

func facts(a api.Attempt) []Fact {
	var all []Fact
	add := func(name, text string) { all = append(all, Fact{name, text}) }
	if len(a.Asked) > 0 {
		add("Asked besides", asked(a.Asked))
	}
	if a.Overwrite != nil {
		add("Written", overwrite(*a.Overwrite))
	}
	if a.Sanitize != nil {
		add("Sanitize status", sanitize(*a.Sanitize))
	}
	if a.Markers != nil {
		add("Markers", markers(*a.Markers))
	}
	if a.Sampling != nil {
		add("Samples", Sampling(*a.Sampling))
	}
	if a.ReadBack != nil {
		add("Read back", readBack(a.Method, *a.ReadBack))
	}
	if a.Pace != nil {
		add("Pace", pace(*a.Pace))
	}
	return all
}

// asked tells of the commands that only asked.
func asked(kinds []api.Asked) string {
	var parts []string
	for _, k := range kinds {
		text := fmt.Sprintf("%s (%08Xh) %s", k.Name, k.Arguments, times(k.Times))
		if k.Failed > 0 {
			text += fmt.Sprintf(", %d without success", k.Failed)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func overwrite(o api.Overwrite) string {
	parts := []string{fmt.Sprintf("%s of pattern %s", size(o.BytesWritten), o.Pattern)}
	if o.From > 0 {
		parts = append(parts, "resumed at "+size(o.From))
	}
	if o.Flushed {
		parts = append(parts, "flushed")
	} else {
		parts = append(parts, "not flushed")
	}
	if n := len(o.WriteErrors); n > 0 {
		parts = append(parts, count(n, "part", "parts")+" could not be written")
	}
	return strings.Join(parts, "; ")
}

// sanitize puts the Sanitize Status log page in words (NVM Express Base
// Specification 2.0, section 5.16.1.25).
func sanitize(s api.Sanitize) string {
	var parts []string
	switch {
	case s.Accepted:
		parts = append(parts, "accepted by the drive")
	case s.SeenRunning > 0:
		parts = append(parts, "was running already")
	default:
		parts = append(parts, "neither accepted nor seen running")
	}
	if s.PurgeRequired {
		parts = append(parts, "purge demanded and not refused")
	}
	if !s.Read {
		return strings.Join(append(parts, "its log could not be read"), "; ")
	}
	parts = append(parts, fmt.Sprintf("seen running %s", times(s.SeenRunning)), fmt.Sprintf("last state: %s (%04Xh)", sanitizeState(s.Status), s.Status))
	if s.LongestStill > 0 {
		parts = append(parts, "stood still for "+took(s.LongestStill)+" at most")
	}
	if s.Recovered {
		parts = append(parts, "failure left by Exit Failure Mode")
	}
	return strings.Join(parts, "; ")
}

// sanitizeState names SSTAT bits 2:0.
func sanitizeState(status uint16) string {
	switch status & 7 {
	case 0:
		return "never sanitized"
	case 1:
		return "completed"
	case 2:
		return "in progress"
	case 3:
		return "failed"
	case 4:
		return "completed, with deallocation"
	}
	return "reserved"
}

func markers(m api.Markers) string {
	parts := []string{fmt.Sprintf("%d of %d laid and read back before", m.Laid, m.Blocks)}
	if m.Carried {
		parts = append(parts, "laid before a power cut")
	}
	if m.Read == 0 && m.ReadErrors == 0 {
		return strings.Join(append(parts, "not looked for afterwards"), "; ")
	}
	parts = append(parts,
		fmt.Sprintf("%d read after", m.Read),
		fmt.Sprintf("%d still there", m.StillThere),
		fmt.Sprintf("former content in %d of their places", m.Former))
	if m.Samples > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d samples of former content still there", m.SamplesHit, m.Samples))
	}
	if m.ReadErrors > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be read", m.ReadErrors))
	}
	if m.FUA {
		parts = append(parts, "read past the drive's cache")
	}
	if m.Note != "" {
		parts = append(parts, m.Note)
	}
	return strings.Join(parts, "; ")
}

// Recheck puts a fresh sampling in words.
func Recheck(r imager.Recheck) string {
	switch ev := r.Evidence; {
	case ev == nil:
		return "awaited"
	case ev.Stopped != "":
		return "stopped: " + ev.Stopped
	case ev.Recheck == nil:
		return "nothing was read"
	default:
		return Sampling(*ev.Recheck)
	}
}

// Sampling puts the counts of one sampling in words.
func Sampling(s api.Sampling) string {
	parts := []string{fmt.Sprintf("%d of %d read (%s)", s.Read, s.Blocks, size(s.Bytes))}
	for _, c := range []struct {
		n    int
		what string
	}{
		{s.Uniform, "one byte value throughout"}, {s.Random, "like noise"},
		{s.Pattern, "this job's pattern"}, {s.Other, "something else"}, {s.ReadErrors, "not readable"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if s.Other > 0 && len(s.First) > 0 {
		parts = append(parts, fmt.Sprintf("the first at byte %s", thousands(s.First[0].Offset)))
	}
	if s.FUA {
		parts = append(parts, "read past the drive's cache")
	}
	return strings.Join(parts, "; ")
}

// readBack counts differences after an overwrite only: a drive that erased itself
// may read as anything uniform.
func readBack(m api.Method, r api.ReadBack) string {
	parts := []string{size(r.BytesRead) + " read"}
	switch {
	case r.Mismatches > 0:
		parts = append(parts, fmt.Sprintf("%d MiB differ", r.Mismatches))
	case m == api.MethodOverwrite:
		parts = append(parts, "no difference")
	default:
		parts = append(parts, size(r.ZeroBytes)+" of it zeros")
	}
	if n := len(r.ReadErrors); n > 0 {
		parts = append(parts, count(n, "part", "parts")+" could not be read")
	}
	return strings.Join(parts, "; ")
}

func pace(p api.Pace) string {
	var parts []string
	if p.HottestCelsius != 0 {
		parts = append(parts, fmt.Sprintf("%d °C at most", p.HottestCelsius))
	}
	if p.Pauses > 0 {
		parts = append(parts, fmt.Sprintf("paused %s to cool down, %s in all", times(p.Pauses), took(p.PausedMillis)))
	}
	if p.SlowestBytesPerSecond > 0 {
		parts = append(parts, fmt.Sprintf("slowest stretch %.0f MB/s", float64(p.SlowestBytesPerSecond)/1e6))
	}
	if len(parts) == 0 {
		return "nothing to note"
	}
	return strings.Join(parts, "; ")
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func size(n uint64) string { return plan.Size(n) }

package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// The markers that are wanted: 64 of 1 MiB, or of a 256th of a smaller drive. Half
// of that size is taken, since blocks are rounded to whole sectors.
const (
	markers     = 64
	markerBytes = 1 << 20
	markerShare = 512
)

// marked says what the markers of a firmware erasure lack.
func marked(plan imager.JobDrive, a api.Attempt) *fault {
	m, d := a.Markers, plan.Drive
	switch {
	case m == nil:
		return marking.because("no markers were laid before %s", a.Method)
	case uint64(max(m.BlockBytes, 0)) < max(min(markerBytes, d.SizeBytes/markerShare), uint64(d.LogicalSector), 1),
		uint64(m.Blocks) < min(markers, d.SizeBytes/uint64(m.BlockBytes)):
		return marking.because("%d markers of %d bytes are too few to prove anything", m.Blocks, m.BlockBytes)
	case m.Carried:
		if f := carried(plan, a); f != nil {
			return f
		}
	case m.Laid != m.Blocks || !m.Flushed:
		return marking.because("only %d of %d markers were surely on the drive before %s", m.Laid, m.Blocks, a.Method)
	}
	if m.Read != m.Blocks || m.ReadErrors > 0 {
		return marking.because("only %d of %d markers could be read after %s", m.Read, m.Blocks, a.Method)
	}
	return nil
}

// carried accepts markers of an earlier boot only for an operation of that boot
// that this one saw running: the controller's journal says that they had been laid
// and read back before it began.
func carried(plan imager.JobDrive, a api.Attempt) *fault {
	switch {
	case !earlier(plan, a.Method):
		return marking.because("the markers are said to be of an earlier boot, and this job had begun nothing in one")
	case a.Sanitize == nil || a.Sanitize.Arguments != 0:
		return marking.because("the markers are of an earlier boot, and %s is not", a.Method)
	}
	return nil
}

package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// written says what the writing of an overwrite lacks.
func written(plan imager.JobDrive, a api.Attempt) *fault {
	o, size := a.Overwrite, plan.Drive.SizeBytes
	switch {
	case o == nil:
		return writing.because("the overwrite left no record")
	case o.Pattern == "":
		return writing.because("the pattern is not named")
	case o.From > 0 && o.From > reachedBefore(plan):
		return resumed.because("writing began at byte %d, and the controller's journal vouches for %d", o.From, reachedBefore(plan))
	case o.From+o.BytesWritten != size:
		return writing.because("%d of %d bytes were written", o.From+o.BytesWritten, size)
	case len(o.WriteErrors) > 0:
		return writing.because("%d parts of the drive could not be written", len(o.WriteErrors))
	case !o.Flushed:
		return writing.because("the drive did not confirm that its cache was written out")
	}
	return nil
}

// reachedBefore is how far an overwrite came in earlier boots, in bytes, by the
// controller's own journal.
func reachedBefore(plan imager.JobDrive) uint64 {
	switch r := plan.Resumed; {
	case r == nil || r.Method != api.MethodOverwrite:
		return 0
	case r.Stage == api.StageOffset:
		return r.Offset
	case r.Stage == api.StageCompleted:
		return plan.Drive.SizeBytes
	}
	return 0
}

// readBack wants the whole drive read after an overwrite, and wherever the plan
// says so.
func readBack(plan imager.JobDrive, a api.Attempt) *fault {
	r, size := a.ReadBack, plan.Drive.SizeBytes
	switch {
	case r == nil && a.Method != api.MethodOverwrite && plan.Verify != api.VerifyFull:
		return nil
	case r == nil:
		return reading.because("the drive was not read back")
	case len(r.ReadErrors) > 0:
		return reading.because("%d parts of the drive could not be read back", len(r.ReadErrors))
	case r.BytesRead != size:
		return reading.because("%d of %d bytes were read back", r.BytesRead, size)
	}
	return nil
}

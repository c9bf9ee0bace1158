package verdict

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

// The Format NVM command (NVM Express Base Specification 2.0, section 5.14).
const (
	opcodeFormat = 0x80
	lbafMask     = 0xf // CDW10 bits 03:00, LBA Format
	sesShift     = 9   // CDW10 bits 11:09, Secure Erase Settings
	sesMask      = 7
	sesUserData  = 1
	sesCrypto    = 2
)

// minMarkers is the least number of marker blocks that proves anything.
const minMarkers = 32

// minMarkerBytes is the smallest logical sector: a smaller block cannot be one.
const minMarkerBytes = 512

func erases(c api.Command) bool { return c.Opcode == opcodeFormat }

// contradicts finds numbers that cannot be true together.
func contradicts(a api.Attempt, size uint64) string {
	if o := a.Overwrite; o != nil && o.BytesWritten > size {
		return fmt.Sprintf("%d bytes were written to a drive of %d", o.BytesWritten, size)
	}
	if r := a.ReadBack; r != nil {
		switch {
		case r.BytesRead > size:
			return fmt.Sprintf("%d bytes were read from a drive of %d", r.BytesRead, size)
		case r.ZeroBytes > r.BytesRead:
			return "more zeros than bytes were read"
		case r.Mismatches > 0 && r.BytesRead == 0:
			return "differences were found in what was not read"
		case r.Mismatches == 0 && len(r.First) > 0:
			return "places of differences are named, and none was counted"
		}
	}
	if m := a.Markers; m != nil {
		switch {
		case min(m.Blocks, m.BlockBytes, m.Laid, m.Read, m.StillThere, m.Former, m.FormerSkip,
			m.Samples, m.SamplesHit, m.ReadErrors) < 0:
			return "a count of markers is negative"
		case m.Laid > m.Blocks, m.Read > m.Blocks, m.StillThere > m.Read, m.Former > m.Read,
			m.FormerSkip > m.Blocks, m.SamplesHit > m.Samples:
			return "a part of the markers is larger than the whole"
		case uint64(m.Blocks)*uint64(m.BlockBytes) > size:
			return "the markers are larger than the drive"
		}
	}
	if a.Method == api.MethodOverwrite && a.Markers != nil || a.Method != api.MethodOverwrite && a.Overwrite != nil {
		return "it holds the evidence of another method than " + string(a.Method)
	}
	return ""
}

// stillThere finds content that should be gone.
func stillThere(a api.Attempt) string {
	if r := a.ReadBack; r != nil && r.Mismatches > 0 && a.Method == api.MethodOverwrite {
		return fmt.Sprintf("%d MiB did not read back as they were written", r.Mismatches)
	}
	m := a.Markers
	switch {
	case m == nil:
	case m.StillThere > 0:
		return fmt.Sprintf("%d of %d markers that were written before %s are still there", m.StillThere, m.Blocks, a.Method)
	case m.Former > 0:
		return fmt.Sprintf("former content came back in %d of %d places after %s", m.Former, m.Blocks, a.Method)
	case m.SamplesHit > 0:
		return fmt.Sprintf("%d of %d samples of the former content are still there after %s", m.SamplesHit, m.Samples, a.Method)
	}
	return ""
}

// changed compares the drive before and after with the one that was planned.
func changed(plan imager.JobDrive, ev *api.DriveEvidence) string {
	switch {
	case ev.After == nil:
		return "the drive could not be identified after the erasure: " + ev.AfterError
	case ev.AfterError != "":
		return "identifying the drive after the erasure went wrong: " + ev.AfterError
	case ev.After.ID() != plan.ID:
		return fmt.Sprintf("another drive answered after the erasure: %s", ev.After.ID())
	}
	if why := differs(plan.Drive, ev.Before); why != "" {
		return "before the erasure, " + why
	}
	if why := differs(plan.Drive, *ev.After); why != "" {
		return "after the erasure, " + why
	}
	return ""
}

// differs compares what the identity of a drive does not hold.
func differs(want, got api.Drive) string {
	switch {
	case got.SizeBytes != want.SizeBytes:
		return fmt.Sprintf("the size was %d bytes instead of %d", got.SizeBytes, want.SizeBytes)
	case got.LogicalSector != want.LogicalSector:
		return fmt.Sprintf("the sector size was %d bytes instead of %d", got.LogicalSector, want.LogicalSector)
	case (got.NVMe == nil) != (want.NVMe == nil):
		return "the drive did not answer as the NVMe drive that it is"
	case want.NVMe == nil:
		return ""
	}
	g, w := got.NVMe, want.NVMe
	switch {
	case g.NSID != w.NSID || g.Namespaces != w.Namespaces:
		return "the namespaces were not those of before"
	case g.LBAFormat != w.LBAFormat || g.LBADataSize != w.LBADataSize:
		return "the LBA format was another"
	case g.Metadata != w.Metadata || g.MetadataExt != w.MetadataExt || g.Protection != w.Protection:
		return "metadata or protection information was another"
	}
	return ""
}

// overwrite says what an overwrite lacks.
func overwrite(a api.Attempt, size uint64) string {
	o, r := a.Overwrite, a.ReadBack
	switch {
	case o == nil:
		return "the overwrite left no record"
	case o.Pattern == "":
		return "the pattern is not named"
	case size == 0:
		return "the drive has no size"
	case o.BytesWritten != size:
		return fmt.Sprintf("%d of %d bytes were written", o.BytesWritten, size)
	case len(o.WriteErrors) > 0:
		return fmt.Sprintf("%d parts of the drive could not be written", len(o.WriteErrors))
	case !o.Flushed:
		return "the drive did not confirm that its cache was written out"
	}
	return readWhole(r, size)
}

// readWhole says what a read of the whole drive lacks.
func readWhole(r *api.ReadBack, size uint64) string {
	switch {
	case r == nil:
		return "the drive was not read back"
	case len(r.ReadErrors) > 0:
		return fmt.Sprintf("%d parts of the drive could not be read back", len(r.ReadErrors))
	case r.BytesRead != size:
		return fmt.Sprintf("%d of %d bytes were read back", r.BytesRead, size)
	case r.Mismatches > 0 || len(r.First) > 0:
		return "differences were found on reading back"
	}
	return ""
}

// format says what an NVMe format lacks.
func format(a api.Attempt, plan imager.JobDrive) string {
	if why := formatCommand(a, plan.Drive.NVMe); why != "" {
		return why
	}
	m := a.Markers
	switch {
	case m == nil:
		return "no markers were laid before the command"
	case m.Blocks < minMarkers || m.BlockBytes < minMarkerBytes:
		return fmt.Sprintf("%d markers of %d bytes are too few to prove anything", m.Blocks, m.BlockBytes)
	case m.Laid != m.Blocks || !m.Flushed:
		return fmt.Sprintf("only %d of %d markers were surely on the drive before the command", m.Laid, m.Blocks)
	case m.Read != m.Blocks || m.ReadErrors > 0:
		return fmt.Sprintf("only %d of %d markers could be read after the command", m.Read, m.Blocks)
	}
	switch r := a.ReadBack; {
	case plan.Verify == api.VerifyFull:
		return readWhole(r, plan.Drive.SizeBytes)
	case plan.Verify != api.VerifyNISTR2:
		return fmt.Sprintf("no rule knows the read-back %q", plan.Verify)
	case r != nil && (len(r.ReadErrors) > 0 || r.Mismatches > 0):
		return "the drive could not be read back without errors"
	}
	return ""
}

// formatCommand wants exactly one Format NVM, of the method's kind and for the
// LBA format that the drive had, with success.
func formatCommand(a api.Attempt, drive *api.NVMe) string {
	if drive == nil {
		return "the drive is no NVMe drive, which alone can be formatted"
	}
	want := uint32(sesUserData)
	if a.Method == api.MethodFormatCrypto {
		want = sesCrypto
	}
	sent := 0
	for _, c := range a.Commands {
		if !erases(c) {
			continue
		}
		sent++
		switch {
		case c.Status != 0 || c.Error != "":
			return fmt.Sprintf("%s ended with status %#x %s", c.Name, c.Status, c.Error)
		case c.Arguments>>sesShift&sesMask != want:
			return fmt.Sprintf("%s was sent with secure erase setting %d instead of %d", c.Name, c.Arguments>>sesShift&sesMask, want)
		case c.Arguments&lbafMask != uint32(drive.LBAFormat)&lbafMask:
			return fmt.Sprintf("%s was sent with another LBA format than the drive had", c.Name)
		}
	}
	if sent != 1 {
		return fmt.Sprintf("the format command was sent %d times instead of once", sent)
	}
	return ""
}

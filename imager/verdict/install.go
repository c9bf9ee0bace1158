package verdict

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
)

// Install reports whether the approved image is on the approved drive and was
// read back there whole; if not, why, in words for a technician.
func Install(job imager.Job, ev *api.InstallEvidence) (ok bool, reason string) {
	img := job.Image
	switch {
	case img == nil:
		return false, "no image was approved"
	case ev == nil:
		return false, "no evidence of the installation was received"
	case ev.Error != "":
		return false, ev.Error
	case ev.Drive != job.System:
		return false, fmt.Sprintf("the image was written to another drive: %s", ev.Drive)
	case ev.Image != img.Name || ev.ManifestSHA256 != img.ManifestSHA256:
		return false, fmt.Sprintf("another image was installed: %s", ev.Image)
	case img.Frames == 0 || ev.FramesTotal != img.Frames:
		return false, fmt.Sprintf("the image has %d frames, the evidence %d", img.Frames, ev.FramesTotal)
	case ev.FramesWritten < 0 || ev.FramesSkipped < 0 || ev.FramesWritten+ev.FramesSkipped != ev.FramesTotal:
		return false, fmt.Sprintf("%d of %d frames were written and %d skipped", ev.FramesWritten, ev.FramesTotal, ev.FramesSkipped)
	case ev.FramesSkipped > 0 && (job.Installs != 1 || !readAsZeros(job)):
		return false, "frames were skipped on a drive that was not read as zeros from end to end just before"
	case !ev.Flushed:
		return false, "the drive did not confirm that its cache was written out"
	case len(ev.Mismatches) > 0:
		return false, fmt.Sprintf("%d frames did not read back as they were written, the first is %d", len(ev.Mismatches), ev.Mismatches[0])
	case ev.FramesVerified != ev.FramesTotal:
		return false, fmt.Sprintf("%d of %d frames were read back", ev.FramesVerified, ev.FramesTotal)
	case img.Identity == manifest.IdentityNoCloud && len(ev.Personalised) == 0:
		return false, "the machine did not get an identity of its own"
	}
	return true, "image written, read back and personalised"
}

// readAsZeros reports whether the system drive's erasure ended with a read of the
// whole drive as zeros, in the boot that installs: a drive that was kept over a new
// start was only sampled since.
func readAsZeros(job imager.Job) bool {
	for _, d := range job.Drives {
		if d.ID != job.System || d.Evidence == nil || d.Recheck != nil || len(d.Evidence.Attempts) == 0 {
			continue
		}
		r := d.Evidence.Attempts[len(d.Evidence.Attempts)-1].ReadBack
		return r != nil && d.Drive.SizeBytes > 0 && r.ZeroBytes == d.Drive.SizeBytes
	}
	return false
}

// Package install streams a master image onto a machine's system drive, checks
// what the drive holds, gives the machine its identity and makes its firmware
// start the drive.
//
// What can be refused is refused before the first write. A frame whose bytes are
// not those of the manifest never reaches the drive. After the last write every
// frame is read back and compared; only then is anything changed on purpose, and
// each such change is recorded, so that the rest of the drive can be compared
// with the image bit by bit.
package install

import (
	"context"
	"net/http"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/firmware"
	"regain.example/agent/step"
	"regain.example/images/manifest"
)

// Job is one installation.
type Job struct {
	Order    api.InstallOrder
	Drive    api.Drive // the system drive, as found in this boot
	Firmware api.Firmware
	// ZeroRead says that the whole drive was read as zeros in this boot and
	// not written since. Only then are zero frames left out.
	ZeroRead bool

	// Open opens the drive for this job alone; drive.Open on a bench.
	Open func(api.Drive) (drive.Device, error)
	// PutFirst makes the firmware start the drive; nil stands for
	// firmware.PutFirst.
	PutFirst func(context.Context, firmware.ESP) (string, error)
	// Client fetches the image; nil stands for NewClient.
	Client   *http.Client
	Reporter step.Reporter
}

// Run installs and tells what was seen. Evidence with an Error is evidence of an
// installation that must not be used; the text says what to do.
func Run(ctx context.Context, job Job) api.InstallEvidence {
	ev := api.InstallEvidence{
		Drive:          job.Order.Drive,
		Image:          job.Order.Image,
		ManifestSHA256: job.Order.ManifestSHA256,
	}
	if err := run(ctx, job, &ev); err != nil {
		ev.Error = err.Error()
	}
	return ev
}

// run is the story of one installation. It fills ev as it goes, so that evidence
// of a failed installation tells how far it came.
func run(ctx context.Context, job Job, ev *api.InstallEvidence) error {
	src := newSource(job)
	m, err := src.manifest(ctx)
	if err != nil {
		return stopped(ctx, "fetch the image's manifest", err)
	}
	ev.FramesTotal = len(m.Frames)
	if err := fits(m, job); err != nil {
		return err
	}
	dev, err := job.Open(job.Drive)
	if err != nil {
		return &DriveError{Op: "open", Err: err}
	}
	defer dev.Close()
	if err := matches(dev, job.Drive); err != nil {
		return err
	}
	return onto(ctx, job, dev, src, m, ev)
}

// onto does the work on the open drive.
func onto(ctx context.Context, job Job, dev drive.Device, src *source, m manifest.Manifest, ev *api.InstallEvidence) error {
	if err := write(ctx, job, dev, src, m, ev); err != nil {
		return stopped(ctx, "write the image", err)
	}
	if err := check(ctx, job, dev, m, ev); err != nil {
		return stopped(ctx, "check the image on the drive", err)
	}
	esp, err := personalise(ctx, job, dev, m, ev)
	if err != nil {
		return stopped(ctx, "personalise the drive", err)
	}
	ev.BootEntry = bootEntry(ctx, job, esp)
	if ctx.Err() != nil {
		return stopped(ctx, "set the boot entry", ctx.Err())
	}
	return nil
}

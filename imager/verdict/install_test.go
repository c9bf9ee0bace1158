package verdict

import (
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
)

func installation() (imager.Job, *api.InstallEvidence) {
	s := good()["overwrite"]
	d := s.plan
	d.Evidence = s.ev
	job := imager.Job{System: d.ID, Drives: []*imager.JobDrive{&d}, Installs: 1,
		Image: &imager.ImageRef{Name: "debian", ManifestSHA256: "aa", Frames: 3, Identity: manifest.IdentityNoCloud}}
	return job, &api.InstallEvidence{Drive: d.ID, Image: "debian", ManifestSHA256: "aa", FramesTotal: 3, FramesWritten: 3,
		Flushed: true, FramesVerified: 3, Personalised: []api.Personalised{{Why: "NoCloud seed"}}}
}

func TestInstall(t *testing.T) {
	job, ev := installation()
	if ok, why := Install(job, ev); !ok {
		t.Fatalf("good evidence: %s", why)
	}
	for name, change := range map[string]func(*imager.Job, **api.InstallEvidence){
		"no evidence":        func(_ *imager.Job, ev **api.InstallEvidence) { *ev = nil },
		"no image approved":  func(j *imager.Job, _ **api.InstallEvidence) { j.Image = nil },
		"error":              func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Error = "frame 2 does not match" },
		"another drive":      func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Drive = "other" },
		"another image":      func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Image = "other" },
		"another manifest":   func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).ManifestSHA256 = "bb" },
		"truncated":          func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).FramesTotal = 2 },
		"one not written":    func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).FramesWritten = 2 },
		"negative":           func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).FramesWritten, (*ev).FramesSkipped = 4, -1 },
		"not flushed":        func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Flushed = false },
		"mismatch":           func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Mismatches = []int{1} },
		"one not read":       func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).FramesVerified = 2 },
		"no identity":        func(_ *imager.Job, ev **api.InstallEvidence) { (*ev).Personalised = nil },
		"image of no frames": func(j *imager.Job, ev **api.InstallEvidence) { j.Image.Frames, (*ev).FramesTotal = 0, 0 },
		"skipped without a read of zeros": func(_ *imager.Job, ev **api.InstallEvidence) {
			(*ev).FramesWritten, (*ev).FramesSkipped = 2, 1
		},
	} {
		job, ev := installation()
		change(&job, &ev)
		if ok, why := Install(job, ev); ok || why == "" {
			t.Errorf("%s: %v %q", name, ok, why)
		}
	}
}

// TestSkippedFrames: only after a read of the whole drive as zeros, and no write
// since.
func TestSkippedFrames(t *testing.T) {
	zeros := func() (imager.Job, *api.InstallEvidence) {
		job, ev := installation()
		ev.FramesWritten, ev.FramesSkipped = 2, 1
		job.Drives[0].Evidence.Attempts[0].ReadBack.ZeroBytes = size
		return job, ev
	}
	if ok, why := Install(zeros()); !ok {
		t.Errorf("after a read of zeros: %s", why)
	}
	for name, change := range map[string]func(*imager.Job){
		"an earlier installation wrote to it": func(j *imager.Job) { j.Installs = 2 },
		"only sampled in this boot":           func(j *imager.Job) { j.Drives[0].Recheck = &imager.Recheck{} },
		"another drive was read":              func(j *imager.Job) { j.Drives[0].ID = "other" },
		"no evidence":                         func(j *imager.Job) { j.Drives[0].Evidence = nil },
		"overwritten after the read": func(j *imager.Job) {
			e := j.Drives[0].Evidence
			e.Attempts = append(e.Attempts, overwriteAttempt(api.VerifyNISTR2))
		},
	} {
		job, ev := zeros()
		change(&job)
		if ok, _ := Install(job, ev); ok {
			t.Errorf("skipped, %s", name)
		}
	}
}

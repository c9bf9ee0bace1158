package lies

import (
	"testing"
	"testing/synctest"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/imager"
	"regain.example/imager/verdict"
)

// TestForgedEvidence takes the evidence of an honest erasure and forges what only
// one check of the verdict sees: the machine on the bench may lie as well as its
// drives.
func TestForgedEvidence(t *testing.T) {
	for name, c := range map[string]struct {
		kind  string
		forge func(*api.DriveEvidence, *api.Attempt)
	}{
		"samples that add up with a negative number": {"format-crypto", func(_ *api.DriveEvidence, a *api.Attempt) {
			a.Sampling.Random, a.Sampling.Uniform, a.Sampling.Other = a.Sampling.Read, 1, -1
		}},
		"another command in the place of the format": {"format", func(_ *api.DriveEvidence, a *api.Attempt) {
			a.Commands[len(a.Commands)-1].Opcode = 0x84
		}},
		"no drive afterwards, and no error": {"format", func(e *api.DriveEvidence, _ *api.Attempt) { e.After = nil }},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := find(t, c.kind)
			w := k.workshop(t, k.make(small, 512))
			w.boot(t.Context())
			d := w.job[0]
			if !w.erased() {
				t.Fatalf("%s: the honest one: %+v", name, w.judged[0])
			}
			c.forge(d.Evidence, &d.Evidence.Attempts[len(d.Evidence.Attempts)-1])
			if j := verdict.Drive(*d, w.profile.Limits, d.Evidence); j.Outcome == imager.OutcomeErased {
				t.Errorf("%s: %+v", name, j)
			}
		})
	}
}

// TestForgedInstallation leaves out the last frames of an image, in all counts.
func TestForgedInstallation(t *testing.T) {
	job := imager.Job{System: "drive", Image: &imager.ImageRef{Name: "debian", ManifestSHA256: "aa", Frames: 3}}
	ev := api.InstallEvidence{Drive: "drive", Image: "debian", ManifestSHA256: "aa", Flushed: true,
		FramesTotal: 3, FramesWritten: 3, FramesVerified: 3}
	if ok, why := verdict.Install(job, &ev); !ok {
		t.Fatal(why)
	}
	ev.FramesTotal, ev.FramesWritten, ev.FramesVerified = 2, 2, 2
	if ok, _ := verdict.Install(job, &ev); ok {
		t.Error("two frames of three are taken for the image")
	}
}

// TestForgedNamespace adds a format of the other namespace, which the drive's
// format does not reach.
func TestForgedNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := find(t, "format")
		m := lab.New()
		m.AddNVMe(ordinary(lab.Namespace{Bytes: small, EUI64: 1}, lab.Namespace{Bytes: small, EUI64: 2}))
		w := newWorkshop(t, m, k.profile, k.methods...)
		w.boot(t.Context())
		if !w.erased() {
			t.Fatalf("%+v", w.judged)
		}
		d := w.job[0]
		a := &d.Evidence.Attempts[0]
		a.Commands = append(a.Commands, w.job[1].Evidence.Attempts[0].Commands...)
		if j := verdict.Drive(*d, w.profile.Limits, d.Evidence); j.Rule != "command" {
			t.Errorf("%+v", j)
		}
	})
}

package web

import (
	"testing"

	"regain.example/imager"
)

// A machine that rests in what its job left can be let go, once; one that is halted
// has a form of its own, and one at work or never approved needs none.
func TestLetGo(t *testing.T) {
	job := func(s imager.JobState) imager.View { return imager.View{Job: &imager.Job{State: s}} }
	halted, released := job(imager.JobDone), job(imager.JobDone)
	halted.Machine.Halted, released.Machine.Released = "two sessions", true
	for name, c := range map[string]struct {
		v              imager.View
		letGo, release bool
	}{
		"done":           {job(imager.JobDone), true, false},
		"quarantined":    {job(imager.JobQuarantined), true, false},
		"cancelled":      {job(imager.JobCancelled), true, false},
		"void":           {job(imager.JobVoid), false, false},
		"erasing":        {job(imager.JobErasing), false, false},
		"installed":      {job(imager.JobInstalled), false, false},
		"never approved": {imager.View{}, false, false},
		"halted":         {halted, false, true},
		"released":       {released, false, false},
	} {
		if a := can(c.v, 0); a.LetGo != c.letGo || a.Release != c.release {
			t.Errorf("%s: let go %v, release %v; want %v, %v", name, a.LetGo, a.Release, c.letGo, c.release)
		}
	}
}

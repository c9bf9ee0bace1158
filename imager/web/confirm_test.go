package web

import (
	"testing"

	"regain.example/imager"
	"regain.example/images/manifest"
)

// Only an image that asks for the operator's word gets the button; for the
// others the installed system itself calls.
func TestConfirmIsOfferedForTheOperatorsWordOnly(t *testing.T) {
	for confirm, want := range map[manifest.Confirm]bool{manifest.ConfirmOperator: true, manifest.ConfirmFirstBoot: false} {
		v := imager.View{Job: &imager.Job{State: imager.JobInstalled, Image: &imager.ImageRef{Confirm: confirm}}}
		if got := can(v, 0).Confirm; got != want {
			t.Errorf("confirm %q: button %v, want %v", confirm, got, want)
		}
	}
}

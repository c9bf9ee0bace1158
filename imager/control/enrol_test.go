package control

import (
	"strings"
	"testing"

	"regain.example/agent/api"
)

// TestPullOut: who stands before a machine from a stick that restarts is told to
// pull it out, and nobody else is.
func TestPullOut(t *testing.T) {
	for action, want := range map[api.EndAction]bool{api.EndRestart: true, api.EndPowerOff: false, api.EndStay: false} {
		end := &api.End{Advice: "It is done", Action: action}
		o := api.Order{Kind: api.OrderEnd, End: end}
		pullOut(&o)
		if told := strings.Contains(o.End.Advice, "Pull out the stick"); told != want || end.Advice != "It is done" {
			t.Errorf("%s: %q (it was %q)", action, o.End.Advice, end.Advice)
		}
	}
	o := api.Order{Kind: api.OrderWait}
	pullOut(&o)
}

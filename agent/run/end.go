package run

import (
	"context"
	"fmt"
	"time"

	"regain.example/agent/api"
)

// leavingLimit bounds the wait for the last report: a machine whose verdict is
// known does not stay on for it.
const leavingLimit = 20 * time.Second

// end shows the verdict and leaves. It returns an error when the machine is to
// go, nil to stay.
func (a *Agent) end(ctx context.Context, w *work, o api.Order) error {
	end := *o.End
	a.display.verdict(end)
	if end.Action == api.EndStay {
		return nil
	}
	for left := end.DelaySeconds; left > 0; left-- {
		a.display.footer(fmt.Sprintf("%s in %d s", actionName(end.Action), left))
		select {
		case <-ctx.Done():
			return nil // another order came
		case <-time.After(time.Second):
		}
	}
	if w.begin(ctx) != nil {
		return nil // another order came
	}
	a.report(api.Report{Kind: api.ReportLeaving, Message: string(end.Action)})
	flush, cancel := context.WithTimeout(ctx, leavingLimit)
	defer cancel()
	if err := a.link.Flush(flush); err != nil {
		a.Log.Warn("leaving without an answer", "err", err)
	}
	leave := a.Machine.Restart
	if end.Action == api.EndPowerOff {
		leave = a.Machine.PowerOff
	}
	if err := leave(); err != nil {
		a.report(api.Report{Kind: api.ReportTrouble, Message: err.Error()})
		a.display.footer("Switch the machine off by hand: " + err.Error())
		return nil
	}
	return errLeaving
}

func actionName(a api.EndAction) string {
	if a == api.EndPowerOff {
		return "Power off"
	}
	return "Restart"
}

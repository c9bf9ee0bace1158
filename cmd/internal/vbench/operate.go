package vbench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/imager"
)

// AwaitView asks the controller about machine number until ok says that it is as
// wanted. While the controller does not answer, it asks on. look, which may be
// nil, sees every view.
func (a *Appliance) AwaitView(ctx context.Context, number int, what string, ok func(imager.View) bool, look func(imager.View)) (imager.View, error) {
	var last imager.View
	for {
		view, err := a.client.Machine(ctx, number)
		if err == nil {
			last = view
			if look != nil {
				look(view)
			}
			if ok(view) {
				return view, nil
			}
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("wait until machine %d %s: %w; it is %s", number, what, ctx.Err(), Describe(last))
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// AwaitState waits until the machine's job is in one of the states. A job that
// ends in another one is an error at once.
func (a *Appliance) AwaitState(ctx context.Context, number int, look func(imager.View), states ...imager.JobState) (imager.View, error) {
	in := func(v imager.View) bool {
		for _, s := range states {
			if v.Job != nil && v.Job.State == s {
				return true
			}
		}
		return false
	}
	view, err := a.AwaitView(ctx, number, fmt.Sprintf("is %v", states), func(v imager.View) bool {
		return in(v) || v.Job != nil && v.Job.State.Ended()
	}, look)
	if err == nil && !in(view) {
		err = fmt.Errorf("machine %d: its job should have become %v; it is %s", number, states, Describe(view))
	}
	return view, err
}

// Describe says in one line how a machine stands.
func Describe(v imager.View) string {
	switch {
	case v.Machine.Number == 0:
		return "not known"
	case v.Machine.Halted != "":
		return "halted: " + v.Machine.Halted
	case v.Job == nil:
		return "without a job, " + v.Waiting
	}
	return fmt.Sprintf("%s (%s)", v.Job.State, v.Job.Reason)
}

// ErrNoDrives is returned by Approve for a machine without drives.
var ErrNoDrives = errors.New("the machine has no drives")

// Approve does what an operator does after a look at the machine: it names the
// machine and each of its drives.
func (a *Appliance) Approve(ctx context.Context, v imager.View, profile string) (imager.Job, error) {
	approval := imager.Approval{Machine: v.Machine.Number, Profile: profile}
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			approval.Drives = append(approval.Drives, d.ID())
		}
	}
	if len(approval.Drives) == 0 {
		return imager.Job{}, fmt.Errorf("approve machine %d: %w", v.Machine.Number, ErrNoDrives)
	}
	return a.client.Approve(ctx, approval)
}

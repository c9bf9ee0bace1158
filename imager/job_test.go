package imager

import (
	"errors"
	"testing"
	"time"
)

// states are all of them, in the order of their declaration.
func states() []JobState {
	return []JobState{JobApproved, JobErasing, JobAccepted, JobInstalling, JobInstallFailed, JobInstalled,
		JobDone, JobVoid, JobCancelled, JobQuarantined}
}

// TestTransitions tries every pair; what is not in this list is refused.
func TestTransitions(t *testing.T) {
	allowed := map[[2]JobState]bool{
		{JobApproved, JobErasing}: true, {JobApproved, JobVoid}: true,
		{JobErasing, JobVoid}: true, {JobErasing, JobAccepted}: true, {JobErasing, JobQuarantined}: true, {JobErasing, JobCancelled}: true,
		{JobAccepted, JobInstalling}: true, {JobAccepted, JobInstallFailed}: true, {JobAccepted, JobDone}: true,
		{JobAccepted, JobCancelled}: true, {JobAccepted, JobQuarantined}: true,
		{JobInstalling, JobInstalled}: true, {JobInstalling, JobInstallFailed}: true, {JobInstalling, JobCancelled}: true, {JobInstalling, JobQuarantined}: true,
		{JobInstallFailed, JobInstalling}: true, {JobInstallFailed, JobCancelled}: true, {JobInstallFailed, JobQuarantined}: true,
		{JobInstalled, JobDone}: true, {JobInstalled, JobInstalling}: true, {JobInstalled, JobCancelled}: true,
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, from := range states() {
		for _, to := range states() {
			j := Job{State: from}
			err := j.Become(to, "because", now)
			var refused *TransitionError
			switch {
			case allowed[[2]JobState{from, to}]:
				if err != nil || j.State != to || j.Reason != "because" || j.Ended.IsZero() == to.Ended() {
					t.Errorf("%s to %s: %v, %+v", from, to, err, j)
				}
			case !errors.As(err, &refused) || j.State != from || j.Reason != "":
				t.Errorf("%s to %s: %v, %+v", from, to, err, j)
			}
		}
	}
}

// TestOnlyTheseEnd: nothing leads out of an end, and an erasure never to the
// installation without the evidence of every drive.
func TestOnlyTheseEnd(t *testing.T) {
	ends := map[JobState]bool{JobDone: true, JobVoid: true, JobCancelled: true, JobQuarantined: true}
	for _, s := range states() {
		if s.Ended() != ends[s] {
			t.Errorf("%s ends: %v", s, s.Ended())
		}
	}
	for _, s := range []JobState{JobApproved, JobErasing} {
		if s.CanBecome(JobInstalling) || s.CanBecome(JobDone) || s.CanBecome(JobInstalled) {
			t.Errorf("%s leads past the evidence", s)
		}
	}
}

func TestBegan(t *testing.T) {
	first, later := time.Unix(1, 0), time.Unix(2, 0)
	j := Job{State: JobApproved}
	if err := j.Become(JobErasing, "", first); err != nil || !j.Began.Equal(first) {
		t.Errorf("%v, began %s", err, j.Began)
	}
	if err := j.Become(JobCancelled, "", later); err != nil || !j.Began.Equal(first) || !j.Ended.Equal(later) {
		t.Errorf("%v, %+v", err, j)
	}
}

func TestOutcomeString(t *testing.T) {
	var zero Outcome
	if zero != OutcomeUnknown || zero.String() != "unknown" || OutcomeErased.String() != "erased" {
		t.Error("the zero outcome must be unknown")
	}
}

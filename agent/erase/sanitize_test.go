package erase

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
)

// sanitizing is a shop whose drive needs two minutes for a sanitize, with the
// order to do that.
func sanitizing(methods ...api.Method) *shop {
	s := newShop(lab.NVMe{SANICAP: everything, SanitizeTime: 2 * time.Minute})
	if methods == nil {
		methods = []api.Method{api.MethodSanitizeBlock, api.MethodOverwrite}
	}
	s.order(api.VerifyNISTR2, methods...)
	s.work[0].Order.Limits.NoProgressSeconds = 600
	return s
}

// start lets the drive begin a sanitize that this job knows nothing of.
func (s *shop) start(t *testing.T, a nvme.SanitizeAction) {
	t.Helper()
	admin, err := s.Machine.Admin(s.work[0].Drive)
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Admin(nvme.Sanitize(a, false), nil); err != nil {
		t.Fatal(err)
	}
}

// resumed orders the job to go on from a stage of an earlier boot.
func (s *shop) resumed(stage api.Stage) {
	s.work[0].Order.Resume = &api.Resume{JournalEntry: api.JournalEntry{
		Method: s.work[0].Order.Methods[0], Stage: stage, Pattern: string(proof.Fastest()),
	}}
}

// After a power cut the drive goes on by itself: the next boot does not start
// again, and looks for the markers of the boot before.
func TestSanitizeIsCarriedOn(t *testing.T) {
	for _, stage := range []api.Stage{api.StageBegun, api.StageAccepted} {
		synctest.Test(t, func(t *testing.T) {
			s := sanitizing()
			ctx, cancel := context.WithCancel(t.Context())
			s.OnCut = cancel
			time.AfterFunc(time.Minute, func() { s.PowerCut(); cancel() })
			s.erase(ctx)
			s.PowerOn()
			told := s.journals[0].told()
			s.resumed(stage)
			s.journals[0] = &journal{}
			e := s.one(t)
			a := e.Attempts[0]
			if len(e.Attempts) != 1 || a.Error != "" || a.NotRun != "" || len(a.Commands) != 0 || s.sent() != "sanitize 2" || s.nvme.Former() != 0 {
				t.Fatalf("%+v, sent %q", e, s.sent())
			}
			if polls := a.Asked[len(a.Asked)-1]; polls.Name != "Get Log Page" || polls.Times < 30 || polls.Failed != 0 || polls.Arguments&0xff != 0x81 {
				t.Errorf("asked %+v", a.Asked)
			}
			if got := a.Sanitize; got.Accepted || got.Arguments != 0 || got.SeenRunning < 30 || got.Status&7 != 1 || got.LogArguments != 0x0a {
				t.Errorf("%+v", got)
			}
			if m := a.Markers; !m.Carried || m.Read != 64 || m.StillThere != 0 || m.Former+m.Samples != 0 || m.Laid != 64 || m.FormerSkip != 64 {
				t.Errorf("%+v", m)
			}
			if a.Sampling.Read != api.R2Samples || e.Resumed == nil {
				t.Errorf("%+v", a.Sampling)
			}
			if got := s.journals[0].told(); strings.Contains(got, "begun") || !strings.HasSuffix(got, "completed 0") {
				t.Errorf("told %q, then %q", told, got)
			}
		})
	}
}

// Negative control: the markers of the earlier boot are looked for in earnest.
func TestCarriedMarkersAreLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sanitizing()
		s.nvme.Lies.EraseNothing = true
		ctx, cancel := context.WithCancel(t.Context())
		s.OnCut = cancel
		time.AfterFunc(time.Minute, func() { s.PowerCut(); cancel() })
		s.erase(ctx)
		s.PowerOn()
		s.resumed(api.StageAccepted)
		if m := s.one(t).Attempts[0].Markers; m.StillThere != 64 {
			t.Errorf("%+v", m)
		}
	})
}

// What no longer runs is not believed to have ended well: it starts again.
func TestSanitizeThatRunsNoMoreStartsAgain(t *testing.T) {
	for _, stage := range []api.Stage{api.StageBegun, api.StageAccepted, api.StageCompleted} {
		synctest.Test(t, func(t *testing.T) {
			s := sanitizing()
			s.start(t, nvme.SanitizeBlock)
			time.Sleep(time.Hour)
			s.resumed(stage)
			a := s.one(t).Attempts[0]
			if a.Error != "" || !a.Sanitize.Accepted || a.Markers.Carried || a.Markers.Laid != 64 || s.sent() != "sanitize 2, sanitize 2" {
				t.Errorf("%s: %+v, sent %q", stage, a, s.sent())
			}
		})
	}
}

// The method that had begun is the only one: it may have run.
func TestNothingWeakerAfterAPowerCut(t *testing.T) {
	s := newShop(lab.NVMe{SANICAP: everything})
	s.order(api.VerifyNISTR2, api.MethodSanitizeBlock, api.MethodFormat, api.MethodOverwrite)
	s.resumed(api.StageBegun)
	refusing(nvme.OpcodeSanitize)(s)
	if e := s.one(t); len(e.Attempts) != 1 || e.Attempts[0].NotRun == "" {
		t.Errorf("%+v", e.Attempts)
	}
}

func TestSanitizeOfSomeoneElseIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		begun  nvme.SanitizeAction
		resume bool
	}{"before the job": {nvme.SanitizeBlock, false}, "another action": {nvme.SanitizeCrypto, true}} {
		synctest.Test(t, func(t *testing.T) {
			s := sanitizing()
			if c.resume {
				s.resumed(api.StageBegun)
			}
			s.start(t, c.begun)
			began := time.Now()
			a := s.one(t).Attempts[0]
			if a.Error != "" || a.Markers.Carried || !a.Sanitize.Accepted || time.Since(began) < 4*time.Minute {
				t.Errorf("%s: %+v after %s", name, a, time.Since(began))
			}
		})
	}
}

func TestStuckSanitizeIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sanitizing()
		s.nvme.Lies.StuckAt = 655
		began := time.Now()
		e := s.one(t)
		a := e.Attempts[0]
		if len(e.Attempts) != 1 || !strings.Contains(a.Error, "no progress") || a.Sampling != nil || !strings.Contains(e.State, "sanitizing itself") {
			t.Errorf("%+v", e)
		}
		if took := time.Since(began); took < 10*time.Minute || took > 11*time.Minute || a.Sanitize.LongestStill < 600_000 {
			t.Errorf("after %s: %+v", took, a.Sanitize)
		}
	})
}

// Without a limit it is polled for as long as it takes.
func TestSanitizeWithoutALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(lab.NVMe{SANICAP: everything, SanitizeTime: 10 * time.Hour})
		s.order(api.VerifyNISTR2, api.MethodSanitizeBlock)
		if a := s.one(t).Attempts[0]; a.Error != "" || a.Sanitize.SeenRunning < 30000 {
			t.Errorf("%+v", a.Sanitize)
		}
	})
}

func TestFailedSanitize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sanitizing()
		s.nvme.SanitizeFailsAt = 20000
		e := s.one(t)
		a := e.Attempts[0]
		if len(e.Attempts) != 1 || a.Error == "" || a.NotRun != "" || !a.Sanitize.Recovered || a.Sanitize.Status&7 != 3 ||
			e.State != stateFailed || s.sent() != "sanitize 2, sanitize 1" || len(a.Commands) != 2 {
			t.Errorf("%+v, sent %q", e, s.sent())
		}
		if strings.Contains(s.journals[0].told(), "completed") {
			t.Error("a failure was told as a completion")
		}

		// The next boot of the job sees that it failed; another job may try again.
		s.resumed(api.StageAccepted)
		if a := s.one(t).Attempts[0]; a.Error == "" || a.Sanitize.Status&7 != 3 || !a.Sanitize.Recovered || s.sent() != "sanitize 2, sanitize 1, sanitize 1" {
			t.Errorf("%+v, sent %q", a, s.sent())
		}
		s.nvme.SanitizeFailsAt = 0
		s.work[0].Order.Resume = nil
		if a := s.one(t).Attempts[0]; a.Error != "" || a.Sanitize.Recovered || a.Sanitize.Status&7 != 1 {
			t.Errorf("%+v", a)
		}
	})
}

// The drive's answer was lost, or a refusal was a lie: the log has the last word.
func TestTheLogHasTheLastWord(t *testing.T) {
	for name, end := range map[string]error{
		"the answer is lost":   unix.ETIMEDOUT,
		"refuses and runs":     &nvme.StatusError{Opcode: nvme.OpcodeSanitize, Status: nvme.StatusInvalidField},
		"says it runs already": &nvme.StatusError{Opcode: nvme.OpcodeSanitize, Status: nvme.StatusSanitizeInProgress},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := sanitizing()
			s.alter(nvme.OpcodeSanitize, func(pass func() error) error {
				if err := pass(); err != nil {
					return err
				}
				return end
			})
			a := s.one(t).Attempts[0]
			if a.Error != "" || a.NotRun != "" || a.Sanitize.Accepted || a.Sanitize.SeenRunning < 60 || a.Sanitize.Status&7 != 1 {
				t.Errorf("%s: %+v", name, a)
			}
		})
	}
}

// Refused, run and over at once: it is not known not to have run.
func TestRefusalThatRanIsNoRefusal(t *testing.T) {
	s := newShop(lab.NVMe{SANICAP: everything})
	s.order(api.VerifyNISTR2, api.MethodSanitizeBlock, api.MethodOverwrite)
	s.alter(nvme.OpcodeSanitize, func(pass func() error) error {
		pass() //nolint:errcheck // the lie is in the answer
		return &nvme.StatusError{Opcode: nvme.OpcodeSanitize, Status: nvme.StatusInvalidField}
	})
	if e := s.one(t); len(e.Attempts) != 1 || e.Attempts[0].Error == "" || e.Attempts[0].NotRun != "" {
		t.Errorf("%+v", e.Attempts)
	}
}

// Accepted, and the log never tells of it.
func TestSanitizeThatIsNeverSeen(t *testing.T) {
	for name, tell := range map[string]func(*shop){
		"an empty log": func(s *shop) { s.nvme.Lies.LogZeroed = true },
		"the log of another operation": func(s *shop) {
			s.alter(nvme.OpcodeSanitize, func(func() error) error { return nil })
		},
		"no log": func(s *shop) {
			s.alter(nvme.OpcodeSanitize, func(pass func() error) error {
				s.nvme.Refuse = map[nvme.Opcode]nvme.Status{nvme.OpcodeGetLogPage: nvme.StatusInternalError}
				return nil
			})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := sanitizing()
			s.start(t, nvme.SanitizeCrypto)
			time.Sleep(time.Hour)
			tell(s)
			e := s.one(t)
			if a := e.Attempts[0]; len(e.Attempts) != 1 || !strings.Contains(a.Error, "no progress") || a.Sampling != nil {
				t.Errorf("%s: %+v", name, e.Attempts)
			}
		})
	}
}

func TestCancelledSanitizeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sanitizing()
		ctx, cancel := context.WithTimeout(t.Context(), 59500*time.Millisecond)
		defer cancel()
		e := s.erase(ctx)[0].Evidence
		if e.Stopped != "cancelled" || !strings.Contains(e.State, "49 % done") || len(e.Attempts) != 1 || e.Attempts[0].Error == "" {
			t.Errorf("%+v", e)
		}
	})
}

func TestDriveVanishesWhileItSanitizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sanitizing()
		time.AfterFunc(time.Minute, s.nvme.Unplug)
		e := s.one(t)
		if e.Stopped != "drive disappeared" || e.AfterError == "" || e.Attempts[0].Error == "" {
			t.Errorf("%+v", e)
		}
	})
}

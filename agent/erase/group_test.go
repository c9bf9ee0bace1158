package erase

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

// pair is a drive with two namespaces.
func pair(fna uint8, methods ...api.Method) *shop {
	s := newShop(lab.NVMe{SANICAP: everything, FNA: fna, SanitizeTime: time.Minute,
		Namespaces: []lab.Namespace{{Bytes: 4 * mib}, {Bytes: 2 * mib}}})
	s.order(api.VerifyNISTR2, methods...)
	return s
}

// A sanitize, and a format by FNA bit 1, is one command for all namespaces. FNA
// bit 0 alone says that each needs its own, and that none is left alone
// meanwhile.
func TestAllNamespacesTogether(t *testing.T) {
	const each = "format 1 SES 1, format 2 SES 1"
	for _, c := range []struct {
		fna    uint8
		method api.Method
		sent   []string // one of these
		number int      // of the commands in each one's evidence
	}{
		{0, api.MethodSanitizeBlock, []string{"sanitize 2"}, 1},
		{2, api.MethodFormatCrypto, []string{"format 1 SES 2"}, 1},
		{1, api.MethodFormat, []string{each}, 2},
		{0, api.MethodFormat, []string{each, "format 2 SES 1, format 1 SES 1"}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := pair(c.fna, c.method)
			sanitize := c.method == api.MethodSanitizeBlock
			for i, r := range s.erase(t.Context()) {
				a := r.Evidence.Attempts[0]
				if a.Error != "" || a.NotRun != "" || len(a.Commands) != c.number || a.Markers.Laid != 64 || a.Markers.StillThere != 0 ||
					a.Sampling.Read != api.R2Samples || a.Sampling.Other != 0 {
					t.Fatalf("%s, namespace %d: %+v", c.method, i+1, a)
				}
				if s := a.Sanitize; (s != nil) != sanitize || s != nil && (!s.Accepted || s.SeenRunning < 10) {
					t.Errorf("namespace %d: %+v", i+1, s)
				}
				if got := s.journals[i].told(); !strings.HasPrefix(got, string(c.method)+" begun 0") || !strings.HasSuffix(got, "completed 0") ||
					strings.Contains(got, "accepted") != sanitize {
					t.Errorf("namespace %d: told %q", i+1, got)
				}
			}
			if !slices.Contains(c.sent, s.sent()) || s.nvme.Former() != 0 {
				t.Errorf("%s: sent %q, %d former sectors", c.method, s.sent(), s.nvme.Former())
			}
		})
	}
}

// Negative controls: if one namespace is not to be erased so, or cannot be made
// ready, none of them is touched by the command.
func TestNoneIsSanitizedIfOneCannotBe(t *testing.T) {
	for name, change := range map[string]func(*shop){
		"not ordered":    func(s *shop) { s.work = s.work[:1] },
		"another method": func(s *shop) { s.work[1].Order.Methods = []api.Method{api.MethodOverwrite} },
		"another order": func(s *shop) {
			s.work[0].Order.Methods = []api.Method{api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodOverwrite}
			s.work[1].Order.Methods = []api.Method{api.MethodSanitizeCrypto, api.MethodSanitizeBlock, api.MethodOverwrite}
		},
		"accepted by another method": func(s *shop) {
			s.work[1].Order.Accepted, s.work[1].Order.Erased = true, api.MethodOverwrite
		},
		"cannot be written": func(s *shop) {
			s.nvme.Lies.FailWrite = func(off int64) bool { return off >= 3*mib } // of the first only
		},
		"its order is refused": func(s *shop) { s.work[1].Order.Seed = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := pair(0, api.MethodSanitizeBlock, api.MethodOverwrite)
				change(s)
				for i, r := range s.erase(t.Context()) {
					e := r.Evidence
					if len(e.Attempts) > 1 && e.Attempts[0].NotRun == "" {
						t.Errorf("namespace %d: %+v", i+1, e.Attempts)
					}
				}
				if got := s.sent(); got != "" {
					t.Errorf("sent %q", got)
				}
			})
		})
	}
}

// A namespace whose evidence was accepted for the same method stands back.
func TestAcceptedNamespaceIsNoObstacle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pair(0, api.MethodSanitizeBlock)
		s.work[0].Order.Accepted, s.work[0].Order.Erased = true, api.MethodSanitizeBlock
		s.work[0].Order.SampleSeed = make([]byte, 32)
		got := s.erase(t.Context())
		if e := got[0].Evidence; !e.Kept || e.Recheck == nil || e.Stopped != "" {
			t.Errorf("%+v", e)
		}
		if a := got[1].Evidence.Attempts[0]; a.Error != "" || a.NotRun != "" || !a.Sanitize.Accepted {
			t.Errorf("%+v", a)
		}
		if len(s.journals[0].steps) != 0 {
			t.Errorf("told %q of the accepted one", s.journals[0].told())
		}
	})
}

// A crash of one namespace's work leaves the others waiting for nobody.
func TestCrashOfOneNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pair(0, api.MethodSanitizeBlock)
		began := time.Now()
		e := New(Config{Drives: s, Facts: s, Journal: s, Report: &s.log,
			Elapsed: func() time.Duration { return time.Since(began) }}, s.work)
		done := make(chan Result)
		go func() { done <- e.Drive(t.Context(), 0) }()
		go func() {
			defer func() { recover() }()
			e.targets[1].Facts = nil
			e.Drive(t.Context(), 1)
		}()
		if a := (<-done).Evidence.Attempts[0]; !strings.Contains(a.NotRun, "nvme0n2") || s.sent() != "" {
			t.Errorf("%+v, sent %q", a, s.sent())
		}
	})
}

func TestCancelWhileOneWaitsForTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pair(0, api.MethodSanitizeBlock)
		began := time.Now()
		e := New(Config{Drives: s, Facts: s, Journal: s, Report: &s.log,
			Elapsed: func() time.Duration { return time.Since(began) }}, s.work)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		got := e.Drive(ctx, 0).Evidence // nobody works on the second
		if got.Stopped != "cancelled" || got.State != stateMarked || s.sent() != "" {
			t.Errorf("%+v, sent %q", got, s.sent())
		}
		waited := false
		for _, p := range s.log.progress {
			waited = waited || p.Pause == api.PauseOthers
		}
		if !waited {
			t.Error("the screen does not say for what it waits")
		}
	})
}

// After a power cut all namespaces carry on together.
func TestNamespacesAreCarriedOnTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pair(0, api.MethodSanitizeBlock)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, func() { s.PowerCut(); cancel() })
		s.erase(ctx)
		s.PowerOn()
		for i := range s.work {
			last := s.journals[i].steps[len(s.journals[i].steps)-1]
			s.work[i].Order.Resume = &api.Resume{JournalEntry: last}
		}
		for i, r := range s.erase(t.Context()) {
			a := r.Evidence.Attempts[0]
			if a.Error != "" || !a.Markers.Carried || a.Markers.StillThere != 0 || a.Sanitize.SeenRunning == 0 {
				t.Errorf("namespace %d: %+v", i+1, a)
			}
		}
		if got := s.sent(); got != "sanitize 2" {
			t.Errorf("sent %q", got)
		}
	})
}

// An operation that ends between two looks at the log: one namespace would carry
// on, the other start anew. Nobody believes that.
func TestNamespacesThatDisagree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pair(0, api.MethodSanitizeBlock)
		s.start(t, nvme.SanitizeBlock)
		s.resumed(api.StageAccepted) // the first only
		for i, r := range s.erase(t.Context()) {
			if a := r.Evidence.Attempts[0]; a.Error == "" || a.NotRun != "" {
				t.Errorf("namespace %d: %+v", i+1, a)
			}
		}
		if got := s.sent(); got != "sanitize 2" {
			t.Errorf("sent %q", got)
		}
	})
}

package run

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
)

func installOrder(d api.Drive) api.Order {
	return api.Order{Kind: api.OrderInstall, Install: &api.InstallOrder{Job: "J1", Drive: d.ID(), Image: "debian"}}
}

// Zeros count only between a full read of zeros and the next write.
func TestInstallSkipsZerosOnlyAfterErasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		var zeros []bool
		b.install = func(_ context.Context, zero bool) api.InstallEvidence {
			zeros = append(zeros, zero)
			return api.InstallEvidence{Drive: one.ID()}
		}
		follow(t, b, func(a *Agent) {
			for _, o := range []api.Order{installOrder(one), eraseOrder(one), installOrder(one), installOrder(one)} {
				a.Order(o)
				time.Sleep(time.Minute)
			}
		})
		if len(zeros) != 3 || zeros[0] || !zeros[1] || zeros[2] {
			t.Errorf("zero read: %v, want false true false", zeros)
		}
	})
}

func TestInstallFails(t *testing.T) {
	one := disk("sda", "1")
	for name, test := range map[string]struct {
		there []api.Drive
		do    func(context.Context, bool) api.InstallEvidence
		want  string
	}{
		"drive gone": {nil, nil, "is not there"},
		"panic":      {[]api.Drive{one}, func(context.Context, bool) api.InstallEvidence { panic("bug") }, "crashed"},
		"error": {[]api.Drive{one}, func(context.Context, bool) api.InstallEvidence {
			return api.InstallEvidence{Error: "frame 3 is damaged"}
		}, "frame 3"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(test.there...)
				b.install = test.do
				follow(t, b, func(a *Agent) { a.Order(installOrder(one)); time.Sleep(time.Minute) })
				if e := b.only(t, api.ReportInstalled).Install; !strings.Contains(e.Error, test.want) {
					t.Errorf("evidence %+v, want %q", e, test.want)
				}
			})
		})
	}
}

func TestEnd(t *testing.T) {
	for _, test := range []struct {
		action api.EndAction
		left   string
		told   string
	}{
		{api.EndRestart, "restart", "leaving"},
		{api.EndPowerOff, "power off", "leaving"},
		{api.EndStay, "", ""},
	} {
		t.Run(string(test.action), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.flushErr = errors.New("no connection") // no reason to stay on
				follow(t, b, func(a *Agent) {
					a.Order(api.Order{Kind: api.OrderEnd, End: &api.End{Green: true, Verdict: "Done", Advice: "Stick the label.",
						Action: test.action, DelaySeconds: 10}})
					time.Sleep(9 * time.Second)
					synctest.Wait()
					if b.left != "" || b.shown().Mood != console.Green || b.shown().Title != "Done" {
						t.Errorf("left %q, screen %+v", b.left, b.shown())
					}
					time.Sleep(time.Minute)
				})
				if b.left != test.left || b.told() != test.told {
					t.Errorf("left by %q, told %q", b.left, b.told())
				}
			})
		})
	}
}

// An operator who changes his mind while the verdict is on the screen.
func TestEndWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		follow(t, b, func(a *Agent) {
			a.Order(api.Order{Kind: api.OrderEnd, End: &api.End{Action: api.EndRestart, DelaySeconds: 10}})
			time.Sleep(5 * time.Second)
			a.Order(api.Order{Kind: api.OrderWait, Message: "Wait."})
			time.Sleep(time.Minute)
		})
		if b.left != "" || b.shown().Message != "Wait." {
			t.Errorf("left by %q, screen %+v", b.left, b.shown())
		}
	})
}

func TestFollowStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.erasing = untilCancelled
		stop := errors.New("two machines claim this identity")
		a := New(Config{Machine: b, Steps: b, Screen: b, Journal: b, Elapsed: func() time.Duration { return 0 }})
		a.Connect(b)
		err := a.Follow(t.Context(), func(context.Context) error {
			a.Order(eraseOrder(one))
			time.Sleep(time.Minute)
			return stop
		})
		if !errors.Is(err, stop) || b.shown().Mood != console.Red || !strings.Contains(b.shown().Message, "identity") {
			t.Errorf("ended with %v, screen %+v", err, b.shown())
		}
		if e := b.only(t, api.ReportDrive).Erase; e.Stopped == "" {
			t.Errorf("evidence %+v", e)
		}
	})
}

func TestRecover(t *testing.T) {
	one := disk("sda", "1")
	t.Run("erasure", func(t *testing.T) {
		b := newBench(one)
		a := New(Config{Screen: b, Elapsed: func() time.Duration { return 0 }})
		a.Connect(b)
		a.Recover(&Unfinished{Job: "J1", Drives: []api.Drive{one}}, "exit status 2")
		e := b.only(t, api.ReportDrive).Erase
		if e.Stopped != "agent crashed" || len(e.Attempts) != 0 || len(a.Holds()) != 1 {
			t.Errorf("evidence %+v, holds %v", e, a.Holds())
		}
		b.only(t, api.ReportTrouble)
	})
	t.Run("installation", func(t *testing.T) {
		b := newBench(one)
		a := New(Config{Screen: b, Elapsed: func() time.Duration { return 0 }})
		a.Connect(b)
		a.Recover(&Unfinished{Job: "J1", Drives: []api.Drive{one}, Install: &InstallTarget{Image: "debian"}}, "")
		if e := b.only(t, api.ReportInstalled).Install; e.Error == "" || e.Image != "debian" {
			t.Errorf("evidence %+v", e)
		}
	})
}

func TestFileJournal(t *testing.T) {
	j := FileJournal(filepath.Join(t.TempDir(), "journal"))
	if u, err := j.Left(); u != nil || err != nil {
		t.Fatalf("a new journal holds %v, %v", u, err)
	}
	want := Unfinished{Job: "J1", Drives: []api.Drive{disk("sda", "1")}}
	if err := j.Begin(want); err != nil {
		t.Fatal(err)
	}
	if u, err := j.Left(); err != nil || u == nil || u.Job != "J1" || u.Drives[0].ID() != want.Drives[0].ID() {
		t.Errorf("read back %+v, %v", u, err)
	}
	for range 2 {
		if err := j.End(); err != nil {
			t.Error(err)
		}
	}
	if u, err := j.Left(); u != nil || err != nil {
		t.Errorf("an ended journal holds %v, %v", u, err)
	}
}

func TestTroubleOnScreen(t *testing.T) {
	b := newBench()
	a := New(Config{Screen: b})
	a.Trouble(&api.Problem{Code: api.CodeStorage, Message: "The controller's disk is full."})
	if b.shown().Title != "No controller" || !strings.Contains(b.shown().Message, "full") {
		t.Errorf("before registration: %+v", b.shown())
	}
	a.Registered(api.MachineLabel{Number: 3})
	a.Trouble(errors.New("connection refused"))
	if !strings.Contains(b.shown().Warning, "connection refused") {
		t.Errorf("after registration: %+v", b.shown())
	}
	a.Connected()
	if b.shown().Warning != "" {
		t.Errorf("connected again: %+v", b.shown())
	}
}

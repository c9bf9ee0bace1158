package erase

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

func (b *bench) resumed(offset uint64, stage api.Stage, pattern string) api.DriveOrder {
	order := b.order(api.VerifyFull, api.MethodOverwrite)
	order.Resume = &api.Resume{JournalEntry: api.JournalEntry{Method: api.MethodOverwrite, Stage: stage, Offset: offset, Pattern: pattern}}
	return order
}

// other is the generator that this machine would not choose.
func other() proof.Generator {
	for _, g := range proof.Generators() {
		if g != proof.Fastest() {
			return g
		}
	}
	panic("one generator only")
}

// written has written the pattern of g up to an offset, as an earlier boot did.
func (b *bench) written(t *testing.T, g proof.Generator, offset int) {
	t.Helper()
	p, err := proof.New(g, proof.DomainOverwrite, b.order("").Seed, b.drive.ID())
	if err != nil {
		t.Fatal(err)
	}
	b.disk.Change(func(data []byte) {
		for at := 0; at < offset; at += proof.Unit {
			p.Fill(data[at:min(at+proof.Unit, len(data))], uint64(at/proof.Unit))
		}
	})
}

func TestOverwriteGoesOn(t *testing.T) {
	for _, g := range []proof.Generator{proof.Fastest(), other()} {
		for _, offset := range []int{5 * mib, 8*mib + 512} {
			b := newBench(8*mib+512, 512)
			b.written(t, g, offset)
			stage := api.StageOffset
			if offset > 8*mib {
				stage = api.StageCompleted
			}
			e := b.erase(t.Context(), b.resumed(uint64(offset), stage, string(g))).Evidence
			w, r, s := e.Attempts[0].Overwrite, e.Attempts[0].ReadBack, e.Attempts[0].Sampling
			if w.From != uint64(offset) || w.From+w.BytesWritten != 8*mib+512 || w.Pattern != string(g) || !w.Flushed {
				t.Errorf("%+v", w)
			}
			if r.BytesRead != 8*mib+512 || r.Mismatches != 0 || s.Pattern != s.Blocks || e.Resumed == nil {
				t.Errorf("%+v %+v", r, s)
			}
			if got := b.journal.told(); strings.Contains(got, "begun") || !strings.HasSuffix(got, "overwrite completed 8389120") {
				t.Errorf("told %q", got)
			}
		}
	}
}

// Negative control: what the earlier boot is said to have written is read back.
func TestWhatWasWrittenBeforeIsReadBack(t *testing.T) {
	b := newBench(8*mib, 512) // nothing was
	r := b.erase(t.Context(), b.resumed(5*mib, api.StageOffset, string(proof.Fastest()))).Evidence.Attempts[0].ReadBack
	if r.Mismatches != 5 || len(r.First) != 5 {
		t.Errorf("%+v", r)
	}
}

// What makes no sense, and a unit that was written in part, is written again.
func TestOverwriteThatCannotGoOnStartsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		offset uint64
		g      string
		from   uint64
	}{
		"nothing written":      {0, string(proof.Fastest()), 0},
		"beyond the end":       {9 * mib, string(proof.Fastest()), 0},
		"an unknown generator": {5 * mib, "rot13", 0},
		"no generator":         {5 * mib, "", 0},
		"within a unit":        {5*mib + 4096, string(proof.Fastest()), 5 * mib},
	} {
		b := newBench(8*mib, 512)
		b.written(t, proof.Fastest(), 8*mib)
		e := b.erase(t.Context(), b.resumed(c.offset, api.StageOffset, c.g)).Evidence
		if w := e.Attempts[0].Overwrite; w.From != c.from || w.From+w.BytesWritten != 8*mib {
			t.Errorf("%s: %+v", name, w)
		}
		if got := b.journal.told(); strings.HasPrefix(got, "overwrite begun 0") != (c.from == 0) {
			t.Errorf("%s: told %q", name, got)
		}
	}
}

func TestResumeOfWhatIsNotOrdered(t *testing.T) {
	b := newBench(2*mib, 512)
	order := b.resumed(mib, api.StageOffset, "")
	order.Resume.Method = api.MethodFormat
	if e := b.erase(t.Context(), order).Evidence; e.Stopped == "" || len(e.Attempts) != 0 || e.State != stateUntouched {
		t.Errorf("%+v", e)
	}
}

// The offset is told once a minute, never before it was flushed, and never ahead
// of a unit that was not written.
func TestOffsetsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, 20*time.Second) // 8 MiB in 20 s
		var flushed []uint64
		var told []uint64
		b.disk.OnFlush = func() {
			b.journal.mu.Lock()
			defer b.journal.mu.Unlock()
			flushed = append(flushed, uint64(len(b.journal.steps)))
		}
		e := b.erase(t.Context(), b.order(api.VerifyFull, api.MethodOverwrite)).Evidence
		if notClean(e) != "" {
			t.Fatal(notClean(e))
		}
		for _, s := range b.journal.steps {
			if s.Stage == api.StageOffset {
				told = append(told, s.Offset)
				if s.Pattern == "" || s.Offset%proof.Unit != 0 {
					t.Errorf("%+v", s)
				}
			}
		}
		// 160 s of writing: two times, after 60 s and 120 s.
		if len(told) != 2 || told[0] < 16*mib || told[0] > 24*mib || told[1] < 40*mib || told[1] > 48*mib {
			t.Errorf("offsets %d MiB", told)
		}
		if !slices.Equal(flushed, []uint64{1, 2, 3}) { // each before it is told, and at the end
			t.Errorf("flushes after %v steps", flushed)
		}
	})
}

func TestFailedFlushOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, 20*time.Second)
		b.disk.FlushError = errors.New("the drive refuses")
		e := b.erase(t.Context(), b.order(api.VerifyFull, api.MethodOverwrite)).Evidence
		a := e.Attempts[0]
		if !strings.Contains(a.Error, "flush") || a.Overwrite.Flushed || a.Overwrite.BytesWritten > 40*mib || strings.Contains(b.journal.told(), "offset") {
			t.Errorf("%+v, told %q", a, b.journal.told())
		}
	})
}

func TestCancelledOverwriteSaysHowFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, 20*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		e := b.erase(ctx, b.order(api.VerifyFull, api.MethodOverwrite)).Evidence
		if e.Stopped != "cancelled" || !strings.Contains(e.State, "up to byte 33554432 of 67108864") {
			t.Errorf("%+v", e)
		}
	})
}

func TestFrontier(t *testing.T) {
	f := newFrontier(3)
	for _, c := range []struct{ unit, want uint64 }{{4, 3}, {6, 3}, {3, 5}, {5, 7}, {7, 8}} {
		if f.done(c.unit); f.at() != c.want {
			t.Errorf("after %d: %d, not %d", c.unit, f.at(), c.want)
		}
	}
}

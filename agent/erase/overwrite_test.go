package erase

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

const mib = 1 << 20

func TestOverwriteReachesEverySector(t *testing.T) {
	for _, c := range []struct{ size, sector int }{
		{4 * mib, 512}, {8*mib + 512, 512}, {3*mib + 3*4096, 4096}, {7 * 512, 512}, {mib - 4096, 4096},
	} {
		b := newBench(c.size, c.sector)
		got := b.overwrite(t)
		if complaint := notClean(got.Evidence); complaint != "" {
			t.Errorf("%d bytes, sectors of %d: %s", c.size, c.sector, complaint)
		}
		if got.ZeroRead {
			t.Error("a drive full of the pattern was taken for zeros")
		}
		checkMedium(t, b)
	}
}

// checkMedium compares the medium with the pattern, sector by sector, and with
// the old data.
func checkMedium(t *testing.T, b *bench) {
	t.Helper()
	medium, sector := b.disk.Bytes(), b.disk.Sector
	p, err := proof.New(proof.Fastest(), proof.DomainOverwrite, b.order("").Seed, b.drive.ID())
	if err != nil {
		t.Fatal(err)
	}
	old := make([]byte, sector)
	for off := 0; off < len(medium); off += sector {
		oldSector(int64(off), old)
		if bytes.Equal(medium[off:off+sector], old) {
			t.Fatalf("old data at %d", off)
		}
	}
	for i := 0; i*proof.Unit < len(medium); i++ {
		if !p.Equal(medium[i*proof.Unit:min(len(medium), (i+1)*proof.Unit)], uint64(i)) {
			t.Fatalf("unit %d is not the pattern", i)
		}
	}
}

func TestOverwriteEvidenceExposesFaults(t *testing.T) {
	const size = 6*mib + 512
	for name, c := range map[string]struct {
		fault func(*bench)
		shows func(api.Attempt) bool
	}{
		"drops one sector": {
			func(b *bench) { b.disk.DropWrite = func(off int64) bool { return off == 3*mib+512 } },
			func(a api.Attempt) bool {
				return a.ReadBack.Mismatches == 1 && slices.Equal(a.ReadBack.First, []api.Range{{Offset: 3 * mib, Length: mib}})
			}},
		"drops the last sector": {
			func(b *bench) { b.disk.DropWrite = func(off int64) bool { return off == size-512 } },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 1 }},
		"drops all writes": {
			func(b *bench) { b.disk.DropWrite = func(int64) bool { return true } },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 7 }},
		"brings old data back": {
			func(b *bench) { b.disk.Former = b.disk.Bytes() },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 7 }},
		"wraps addresses": {
			func(b *bench) { b.disk.WrapAt = 4 * mib },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches >= 2 }},
		"reads a constant": {
			func(b *bench) { b.disk.Constant = []byte{0xaa} },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 7 && a.ReadBack.ZeroBytes == 0 }},
		"reads zeros": {
			func(b *bench) { b.disk.Constant = []byte{0} },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 7 && a.ReadBack.ZeroBytes == size }},
		"loses what it said was flushed": {
			func(b *bench) { b.disk.LoseUnflushed = true },
			func(a api.Attempt) bool { return a.ReadBack.Mismatches == 7 }},
		"fails the flush": {
			func(b *bench) { b.disk.FlushError = context.DeadlineExceeded },
			func(a api.Attempt) bool { return !a.Overwrite.Flushed && a.Error != "" && a.ReadBack == nil }},
		"fails writes of a sector": {
			func(b *bench) { b.disk.FailWrite = func(off int64) bool { return off == 2*mib+8192 } },
			func(a api.Attempt) bool {
				return slices.Equal(a.Overwrite.WriteErrors, []api.Range{{Offset: 2*mib + 8192, Length: 4096}}) &&
					a.Overwrite.BytesWritten == size-4096 && a.ReadBack.Mismatches == 1
			}},
		"fails reads of a sector": {
			func(b *bench) { b.disk.FailRead = func(off int64) bool { return off == 5*mib+512 } },
			func(a api.Attempt) bool {
				return slices.Equal(a.ReadBack.ReadErrors, []api.Range{{Offset: 5 * mib, Length: 4096}}) &&
					a.ReadBack.Mismatches == 0 && a.ReadBack.BytesRead == size-4096
			}},
		"disappears while writing": {
			func(b *bench) { b.disk.GoneAfter = 3 * mib },
			func(a api.Attempt) bool { return a.Error != "" && a.ReadBack == nil && !a.Overwrite.Flushed }},
		"disappears while reading": {
			func(b *bench) { b.disk.GoneAfter = size + 2*mib },
			func(a api.Attempt) bool { return a.Error != "" && a.ReadBack.BytesRead < size }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(size, 512)
			c.fault(b)
			got := b.overwrite(t)
			if notClean(got.Evidence) == "" {
				t.Error("the evidence is clean")
			}
			if a := got.Evidence.Attempts[0]; !c.shows(a) {
				t.Errorf("the fault does not show: %+v %+v %+v", a, a.Overwrite, a.ReadBack)
			}
			if got.ZeroRead && name != "reads zeros" {
				t.Error("taken for zeros")
			}
		})
	}
}

func TestDisappearedDriveIsNamedSo(t *testing.T) {
	b := newBench(4*mib, 512)
	b.disk.GoneAfter = 2 * mib
	got := b.overwrite(t).Evidence
	if got.Stopped != "drive disappeared" || got.After != nil || got.AfterError == "" {
		t.Errorf("stopped %q, after %v, %q", got.Stopped, got.After, got.AfterError)
	}
}

func TestSwappedDriveShows(t *testing.T) {
	for name, change := range map[string]func(*api.Drive){
		"other size":   func(d *api.Drive) { d.SizeBytes -= 512 },
		"other serial": func(d *api.Drive) { d.Serial = "S2" },
	} {
		b := newBench(4*mib, 512)
		after := b.drive
		change(&after)
		// It is swapped when all is written and nothing read back.
		b.disk.OnFlush = func() { b.after = &after }
		got := b.overwrite(t).Evidence
		if got.Stopped != "another drive stands in its place" || got.After.ID() == got.Before.ID() {
			t.Errorf("%s: stopped %q", name, got.Stopped)
		}
	}
}

func TestHopelessDriveIsGivenUp(t *testing.T) {
	b := newBench(maxBadBytes+8*mib, 4096)
	b.disk.FailWrite = func(int64) bool { return true }
	a := b.overwrite(t).Evidence.Attempts[0]
	if a.Error == "" || a.NotRun != "" || len(a.Overwrite.WriteErrors) > maxRanges {
		t.Errorf("%q, %d ranges", a.Error, len(a.Overwrite.WriteErrors))
	}
}

func TestCancelledIsStopped(t *testing.T) {
	for _, after := range []int{1, 6} { // while writing, while reading back
		b := newBench(4*mib, 512)
		ctx, cancel := context.WithCancel(t.Context())
		requests := make(chan struct{}, 64)
		b.disk.OnIO = func() {
			requests <- struct{}{}
			if len(requests) == after {
				cancel()
			}
		}
		got := b.erase(ctx, b.order(api.VerifyFull, api.MethodOverwrite, api.MethodOverwrite))
		if e := got.Evidence; e.Stopped != "cancelled" || len(e.Attempts) != 1 || e.Attempts[0].Error == "" || got.ZeroRead {
			t.Errorf("after %d requests: %+v", after, e)
		}
	}
}

func TestPhases(t *testing.T) {
	b := newBench(2*mib, 512)
	b.overwrite(t)
	want := []string{"began erase", "ended erase 2097152", "began verify", "ended verify 3145728"} // all of it, and 256 samples
	if !slices.Equal(b.log.phases, want) {
		t.Errorf("%q", b.log.phases)
	}
}

// notClean says what keeps the evidence of an overwrite from being what a sound
// drive yields; empty if nothing.
func notClean(e api.DriveEvidence) string {
	last := e.Attempts[len(e.Attempts)-1]
	w, r := last.Overwrite, last.ReadBack
	switch {
	case e.Stopped != "" || last.NotRun != "" || last.Error != "":
		return e.Stopped + last.NotRun + last.Error
	case e.After == nil || e.After.ID() != e.Before.ID():
		return "another drive"
	case w == nil || r == nil:
		return "no overwrite or no read-back"
	case w.BytesWritten != e.Before.SizeBytes || !w.Flushed || len(w.WriteErrors) > 0:
		return "not written"
	case r.BytesRead != e.Before.SizeBytes || r.Mismatches > 0 || len(r.ReadErrors) > 0:
		return "not read back"
	}
	return ""
}

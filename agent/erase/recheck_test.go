package erase

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

// accepted is the order to sample a drive that was erased by a method.
func (b *bench) accepted(erased api.Method) api.DriveOrder {
	order := b.order(api.VerifyNISTR2)
	order.Methods = nil
	order.Accepted, order.Erased, order.SampleSeed = true, erased, bytes.Repeat([]byte{9}, 32)
	return order
}

func TestRecheck(t *testing.T) {
	const size = 4*mib + 512
	random := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(random)
	for name, c := range map[string]struct {
		erased api.Method
		make   func(*testing.T, *bench)
		want   func(s *api.Sampling) int
	}{
		"the pattern":           {api.MethodOverwrite, func(t *testing.T, b *bench) { b.written(t, proof.Fastest(), size) }, func(s *api.Sampling) int { return s.Pattern }},
		"by another generator":  {api.MethodOverwrite, func(t *testing.T, b *bench) { b.written(t, other(), size) }, func(s *api.Sampling) int { return s.Pattern }},
		"zeros":                 {api.MethodFormat, func(_ *testing.T, b *bench) { b.disk.Change(func(d []byte) { clear(d) }) }, func(s *api.Sampling) int { return s.Uniform }},
		"noise":                 {api.MethodFormatCrypto, func(_ *testing.T, b *bench) { b.disk.Change(func(d []byte) { copy(d, random) }) }, func(s *api.Sampling) int { return s.Random }},
		"content":               {api.MethodFormat, func(*testing.T, *bench) {}, func(s *api.Sampling) int { return s.Other }},
		"zeros for the pattern": {api.MethodOverwrite, func(_ *testing.T, b *bench) { b.disk.Change(func(d []byte) { clear(d) }) }, func(s *api.Sampling) int { return s.Uniform }},
		"another job's pattern": {api.MethodOverwrite, func(_ *testing.T, b *bench) { b.disk.Change(func(d []byte) { copy(d, random) }) }, func(s *api.Sampling) int { return s.Random }},
		"not readable":          {api.MethodFormat, func(_ *testing.T, b *bench) { b.disk.FailRead = func(int64) bool { return true } }, func(s *api.Sampling) int { return s.ReadErrors }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(size, 512)
			c.make(t, b)
			before := b.disk.Bytes()
			got := b.erase(t.Context(), b.accepted(c.erased))
			e, s := got.Evidence, got.Evidence.Recheck
			if !e.Kept || len(e.Attempts) != 0 || got.ZeroRead || e.Stopped != "" || e.After == nil || e.HealthBefore == nil {
				t.Errorf("%+v", e)
			}
			if s == nil || s.Blocks != api.R2Samples || c.want(s) != s.Blocks || s.Read+s.ReadErrors != s.Blocks {
				t.Errorf("%+v", s)
			}
			if s.Other > 0 != (len(s.First) > 0) {
				t.Errorf("places %v", s.First)
			}
			if !bytes.Equal(before, b.disk.Bytes()) || len(b.journal.steps) != 0 {
				t.Error("a sampling wrote something, or told of an erasure")
			}
		})
	}
}

// Without a seed nothing is done, with a bad one or a bad plan nothing is claimed.
func TestRecheckThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench, *api.DriveOrder)
		why    string
	}{
		"no seed":       {func(_ *bench, o *api.DriveOrder) { o.SampleSeed = nil }, ""},
		"a short seed":  {func(_ *bench, o *api.DriveOrder) { o.SampleSeed = o.SampleSeed[:31] }, "31 bytes"},
		"no plan":       {func(_ *bench, o *api.DriveOrder) { o.Verify = "a glance" }, "a glance"},
		"another drive": {func(b *bench, _ *api.DriveOrder) { d := b.drive; d.Serial = "S9"; b.after = &d }, "another drive"},
		"gone":          {func(b *bench, _ *api.DriveOrder) { b.disk.GoneAfter = mib / 4 }, "disappeared"},
	} {
		b := newBench(4*mib, 512)
		order := b.accepted(api.MethodFormat)
		c.change(b, &order)
		e := b.erase(t.Context(), order).Evidence
		if !e.Kept || !strings.Contains(e.Stopped, c.why) || (c.why == "") != (e.Stopped == "") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestRecheckIsCancelled(t *testing.T) {
	b := newBench(4*mib, 512)
	ctx, cancel := context.WithCancel(t.Context())
	b.disk.OnIO = cancel
	if e := b.erase(ctx, b.accepted(api.MethodFormat)).Evidence; e.Stopped != "cancelled" || !e.Kept {
		t.Errorf("%+v", e)
	}
}

// A tenth of the drive is read for nist-r1.
func TestSamplesOfATenth(t *testing.T) {
	b := newBench(16*mib+512, 512)
	order := b.accepted(api.MethodFormat)
	order.Verify = api.VerifyNISTR1
	s := b.erase(t.Context(), order).Evidence.Recheck
	if s.Bytes < 16*mib/10 || s.Blocks < 2000 || s.Read != s.Blocks || s.Plan != api.VerifyNISTR1 {
		t.Errorf("%+v", s)
	}
}

package erase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

// sample waits for the controller to name the places of the samples, which it
// does when it knows that the erasure is complete, and reads them. The patterns
// are what the job may have written there; none after a firmware erasure.
func sample(ctx context.Context, t *Target, patterns []*proof.Pattern, seen *api.Attempt) error {
	t.phases.begin(api.PhaseVerify, 0)
	t.phases.pause(api.PauseSeed, 0)
	seed, err := t.Journal.SampleSeed(ctx, t.Order.Drive)
	t.phases.pause("", 0)
	if err != nil {
		return fmt.Errorf("wait for the seed of the samples: %w", err)
	}
	return paced(ctx, t, seen, false, func(ctx context.Context, p *pacer) (err error) {
		seen.Sampling, err = sampleAt(ctx, t, p, seed, patterns)
		return err
	})
}

// sampleAt opens the drive anew and reads the places that the seed names, in
// random order. What it returns beside an error is what was seen until then.
func sampleAt(ctx context.Context, t *Target, p *pacer, seed []byte, patterns []*proof.Pattern) (_ *api.Sampling, err error) {
	if len(seed) != proof.SeedBytes {
		return nil, fmt.Errorf("the seed of the samples has %d bytes, not %d", len(seed), proof.SeedBytes)
	}
	dev, err := t.open()
	if err != nil {
		return nil, fmt.Errorf("read the samples: %w", err)
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	plan, size, sector := t.Order.Verify, dev.Size(), int64(dev.LogicalSector())
	runs := proof.Samples(seed, t.Order.Drive, plan, size, sector)
	if len(runs) == 0 {
		return nil, fmt.Errorf("read the samples: this agent has no plan %q", plan)
	}
	block := uint64(proof.SampleBlock(plan, size, sector))
	hash := sha256.Sum256(seed)
	s := &sampler{media: newMedia(dev), patterns: patterns, pacer: p, done: t.phases.add, seen: api.Sampling{
		SeedSHA256: hex.EncodeToString(hash[:]), Plan: plan, BlockBytes: int(block),
	}}
	total := uint64(0)
	for _, r := range runs {
		s.seen.Blocks += int((r.Length + block - 1) / block)
		total += r.Length
	}
	rand.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
	t.phases.begin(api.PhaseVerify, total)
	err = inParallel(ctx, uint64(len(runs)), int(block), func(buf []byte, i uint64) error {
		return s.run(ctx, buf, runs[i])
	})
	s.seen.FUA = s.media.fua()
	if err != nil {
		return &s.seen, fmt.Errorf("read the samples: %w", err)
	}
	return &s.seen, nil
}

// sampler counts what samples look like.
type sampler struct {
	media    *media
	patterns []*proof.Pattern
	pacer    *pacer
	done     func(bytes int)

	mu   sync.Mutex
	seen api.Sampling
}

// run reads the blocks of one run.
func (s *sampler) run(ctx context.Context, buf []byte, r api.Range) error {
	for at := uint64(0); at < r.Length; at += uint64(len(buf)) {
		if err := s.pacer.wait(ctx); err != nil {
			return err
		}
		b := buf[:min(uint64(len(buf)), r.Length-at)]
		err := s.media.read(b, int64(r.Offset+at))
		s.done(len(b))
		s.pacer.add(len(b))
		if err := onlyIfGone(err); err != nil {
			return err
		}
		s.count(b, r.Offset+at, err == nil)
	}
	return nil
}

func (s *sampler) count(b []byte, off uint64, read bool) {
	kind := s.kind(b, off, read)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !read {
		s.seen.ReadErrors++
		return
	}
	s.seen.Read++
	s.seen.Bytes += uint64(len(b))
	*kind++
	if kind == &s.seen.Other && len(s.seen.First) < maxFirst {
		s.seen.First = append(s.seen.First, api.Range{Offset: off, Length: uint64(len(b))})
	}
}

// kind returns the counter of a block.
func (s *sampler) kind(b []byte, off uint64, read bool) *int {
	if !read {
		return nil
	}
	for _, p := range s.patterns {
		if p.EqualAt(b, off) {
			return &s.seen.Pattern
		}
	}
	switch proof.ClassOf(b) {
	case proof.UniformBlock:
		return &s.seen.Uniform
	case proof.RandomBlock:
		return &s.seen.Random
	}
	return &s.seen.Other
}

package install

import (
	"context"
	"encoding/hex"
	"slices"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

// maxListed bounds the evidence of a drive on which nothing is right.
const maxListed = 100

// check reads every frame back from the drive, the skipped ones too, and compares
// it with the manifest.
func check(ctx context.Context, job Job, dev drive.Device, m manifest.Manifest, ev *api.InstallEvidence) error {
	p := begin(job, api.PhaseCheck, m.RawBytes)
	c := &checker{dev: dev, m: m, hash: sha8.Fastest(), progress: p}
	rows, _, _ := spans(m.Frames, false)
	err := parallel(ctx, len(rows), func() (task, error) {
		var raw buffers
		return func(ctx context.Context, i int) error { return c.row(ctx, &raw, rows[i]) }, nil
	})
	wrong := c.wrong
	slices.Sort(wrong)
	ev.Mismatches = wrong[:min(len(wrong), maxListed)]
	ev.FramesVerified = c.verified
	ev.VerifyMillis = p.end().Milliseconds()
	if err == nil && len(wrong) > 0 {
		err = refuse(ErrMismatch, "%d of %d frames on the drive are not what was written, the first is number %d: the drive keeps data wrongly, replace it",
			len(wrong), len(m.Frames), wrong[0])
	}
	return err
}

// checker compares what the drive holds with the manifest.
type checker struct {
	dev      drive.Device
	m        manifest.Manifest
	hash     sha8.Hasher
	progress *phase

	mu       sync.Mutex
	verified int
	wrong    []int // frames, in no order
}

// row reads and compares one row of frames.
func (c *checker) row(ctx context.Context, bufs *buffers, s span) error {
	var row [][]byte
	for i := s.first; i < s.end; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		raw := bufs.at(i - s.first)[:c.m.Frames[i].Raw]
		if err := fill(c.dev, raw, int64(i)*manifest.FrameBytes); err != nil {
			return err
		}
		c.progress.add(uint64(len(raw)))
		row = append(row, raw)
	}
	right := c.compare(row, s)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, ok := range right {
		if ok {
			c.verified++
		} else {
			c.wrong = append(c.wrong, s.first+i)
		}
	}
	return nil
}

// compare says of each frame whether it is right. Zeros need no hash: that a
// frame marked zero has the hash of zeros was checked when the manifest was
// opened.
func (c *checker) compare(row [][]byte, s span) []bool {
	right := make([]bool, len(row))
	if s.zero {
		for i, raw := range row {
			right[i] = proof.Zero(raw)
		}
		return right
	}
	for i, sum := range c.hash.Sums(row) {
		right[i] = hex.EncodeToString(sum[:]) == c.m.Frames[s.first+i].SHA256
	}
	return right
}

package install

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/images/manifest"
)

// maxListed bounds the evidence of a drive on which nothing is right.
const maxListed = 100

// check reads every frame back from the drive, the skipped ones too, and compares
// its hash with the manifest's.
func check(ctx context.Context, job Job, dev drive.Device, m manifest.Manifest, ev *api.InstallEvidence) error {
	p := begin(job, api.PhaseCheck, m.RawBytes)
	var verified atomic.Int64
	var mu sync.Mutex
	var wrong []int
	err := parallel(ctx, len(m.Frames), func() (task, error) {
		buf := drive.Buffer(manifest.FrameBytes)
		return func(_ context.Context, i int) error {
			f := m.Frames[i]
			raw := buf[:f.Raw]
			if err := fill(dev, raw, int64(i)*manifest.FrameBytes); err != nil {
				return err
			}
			p.add(uint64(f.Raw))
			if hashed(raw, f) {
				verified.Add(1)
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			wrong = append(wrong, i)
			return nil
		}, nil
	})
	slices.Sort(wrong)
	ev.Mismatches = wrong[:min(len(wrong), maxListed)]
	ev.FramesVerified = int(verified.Load())
	ev.VerifyMillis = p.end().Milliseconds()
	if err == nil && len(wrong) > 0 {
		err = refuse(ErrMismatch, "%d of %d frames on the drive are not what was written, the first is number %d: the drive keeps data wrongly, replace it",
			len(wrong), len(m.Frames), wrong[0])
	}
	return err
}

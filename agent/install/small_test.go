package install

import (
	"net/http"
	"sync"
	"testing"

	"regain.example/images/manifest"
)

// smallImage is an image of six frames, quick to pack: no partitions, so that it
// grows nothing and takes no identity. Its second and fifth frames are zeros.
func smallImage(t testing.TB, edit func(*manifest.Manifest)) *image {
	t.Helper()
	raw := smallRaw()
	return publish(t, raw, smallPacked(), 512, func(m *manifest.Manifest) {
		m.Grow, m.Identity, m.Confirm = 0, manifest.IdentityNone, manifest.ConfirmOperator
		if edit != nil {
			edit(m)
		}
	})
}

// smallRaw and smallPacked are made once: they are never changed.
var (
	smallRaw = sync.OnceValue(func() []byte {
		raw := make([]byte, 5*manifest.FrameBytes+512)
		fillRandom(raw)
		clear(raw[manifest.FrameBytes : 2*manifest.FrameBytes])
		clear(raw[4*manifest.FrameBytes : 5*manifest.FrameBytes])
		return raw
	})
	smallPacked = sync.OnceValue(func() packed { return compress(smallRaw()) })
)

// smallJob is a job for a small image on a drive that is a little larger.
func smallJob(t testing.TB, img *image, wrap func(http.Handler) http.Handler) (Job, *memDrive) {
	t.Helper()
	dev := newMemDrive(int64(len(img.raw))+512, 512)
	job := benchJob(t, img, dev, wrap)
	job.Order.Seed = nil
	return job, dev
}

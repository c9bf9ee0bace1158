package install

import (
	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

// runFrames is the most frames that share one request, and that are hashed at
// once.
const runFrames = sha8.Lanes

// span is a row of frames that one worker takes at once, from first to before
// end.
type span struct {
	first, end int
	zero       bool
}

// spans cuts the image into rows: of zero frames, which need no request, and of
// others. With skipZero, zero frames are left out; it returns how many, and their
// raw bytes.
func spans(frames []manifest.Frame, skipZero bool) (work []span, skipped int, bytes uint64) {
	for i, f := range frames {
		if f.Zero && skipZero {
			skipped++
			bytes += uint64(f.Raw)
			continue
		}
		if n := len(work); n > 0 {
			s := &work[n-1]
			if s.end == i && s.zero == f.Zero && i-s.first < runFrames {
				s.end++
				continue
			}
		}
		work = append(work, span{i, i + 1, f.Zero})
	}
	return work, skipped, bytes
}

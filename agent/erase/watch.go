package erase

import (
	"context"
	"math/rand/v2"
	"slices"

	"regain.example/agent/api"
	"regain.example/agent/proof"
)

const (
	// markerBlock is the size in bytes of a marker on all but small drives,
	// of which it is at most one part in markerShare.
	markerBlock = 1 << 20
	markerShare = 256
	// contentBlock and contentShare are those of a sample of former content.
	contentBlock = 64 << 10
	contentShare = 4096
	// markerBlocks and contentBlocks are spread over the drive, one drawn in
	// each stratum; first and last block of the drive are markers.
	markerBlocks  = 64
	contentBlocks = 192
)

// watch is what is known of a drive before a firmware erasure.
type watch struct {
	pattern *proof.Pattern
	markers places
	former  *memory // what the markers replaced; nil if not known
	content places
	known   *memory // what lay at content; nil if not known
}

// places are blocks of one size.
type places struct {
	block   int     // bytes
	offsets []int64 // ascending, apart
}

// each calls do for every block, in random order: a drive that sees the requests
// cannot tell what comes next.
func (p places) each(ctx context.Context, do func(buf []byte, i uint64) error) error {
	order := rand.Perm(len(p.offsets))
	return inParallel(ctx, uint64(len(order)), p.block, func(buf []byte, n uint64) error {
		return do(buf, uint64(order[n]))
	})
}

func newWatch(t *Target, g proof.Generator, size, sector int64) (*watch, error) {
	pattern, err := t.pattern(g, proof.DomainMarker)
	if err != nil {
		return nil, err
	}
	whole := func(n int64) int64 { return max(1, n/sector) * sector }
	draw := func(label string, n int, block int64) places {
		return places{int(block), proof.Positions(t.Order.Seed, t.Order.Drive, label, n, size, block, sector)}
	}
	w := &watch{pattern: pattern}
	w.markers = draw("markers", markerBlocks, whole(min(markerBlock, size/markerShare)))
	w.content = draw("samples", contentBlocks, whole(min(contentBlock, size/contentShare)))
	w.content.offsets = slices.DeleteFunc(w.content.offsets, w.touchesMarker)
	w.former = newMemory(len(w.markers.offsets), int(sector))
	w.known = newMemory(len(w.content.offsets), int(sector))
	return w, nil
}

func (w *watch) touchesMarker(off int64) bool {
	return slices.ContainsFunc(w.markers.offsets, func(marker int64) bool {
		return off < marker+int64(w.markers.block) && marker < off+int64(w.content.block)
	})
}

// evidence begins the part of the evidence that tells of the markers.
func (w *watch) evidence(seen *api.Attempt) *api.Markers {
	seen.Markers = &api.Markers{Blocks: len(w.markers.offsets), BlockBytes: w.markers.block}
	return seen.Markers
}

// entry is a step of the method, with what another boot needs to know the markers
// again.
func (w *watch) entry(name api.Method, stage api.Stage) api.JournalEntry {
	return api.JournalEntry{Method: name, Stage: stage, Pattern: string(w.pattern.Generator())}
}

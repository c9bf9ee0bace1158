// Package oracle judges a virtual bench's drives from the host: it fills raw
// drive files with recognisable old data before a run, and afterwards looks for
// what is left of it and compares what was installed with the master image.
//
// It shares no code with the agent. What it cannot read, or was not given whole,
// is an error and never a clean result.
//
// Caveat: old data is recognised by its magic in clear. At least 47 bytes of it
// in a row always hold one magic whole; shorter remains may be missed, and so is
// old data that was compressed, encrypted or otherwise recoded.
package oracle

import "slices"

// sectorBytes is the unit in which old data is made, in bytes.
const sectorBytes = 512

// listed is how many places a result names; the rest is counted only.
const listed = 16

// Range is a run of bytes.
type Range struct {
	Offset int64 `json:"offset"` // in bytes
	Length int64 `json:"length"` // in bytes
}

// End is the offset of the first byte after r.
func (r Range) End() int64 { return r.Offset + r.Length }

// merge sorts ranges by offset and joins those that touch or overlap.
func merge(ranges []Range) []Range {
	sorted := slices.SortedFunc(slices.Values(ranges), func(a, b Range) int {
		return int(min(max(a.Offset-b.Offset, -1), 1))
	})
	var out []Range
	for _, r := range sorted {
		if n := len(out); n > 0 && r.Offset <= out[n-1].End() {
			out[n-1].Length = max(out[n-1].End(), r.End()) - out[n-1].Offset
			continue
		}
		out = append(out, r)
	}
	return out
}

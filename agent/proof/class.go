package proof

// Class says what a block looks like to one who does not know what was written.
// The zero value is content.
type Class uint8

// The classes; see api.Sampling.
const (
	Content Class = iota
	UniformBlock
	RandomBlock
)

// Limits of chi-square with 255 degrees of freedom (mean 255, standard deviation
// 22.6). Noise stays within them but once in 10^11 blocks (Wilson and Hilferty's
// approximation). Text, code, tables and file systems lie far above, counters
// and repeated ramps below. What was compressed or encrypted well lies within:
// nobody can tell that from noise.
const (
	chiLeast = 130
	chiMost  = 440
)

// page is how much of a block is looked at by itself, besides the whole: little
// content does not hide in much noise.
const page = 4096

// ClassOf looks at a block. It is random if all of it and each page by itself
// pass for noise; pages of one byte value throughout, the same for all of them,
// are left out of that: many drives read so where nothing is stored. A page of
// less than 512 bytes tells too little to be called random.
func ClassOf(b []byte) Class {
	if Uniform(b) {
		return UniformBlock
	}
	var all histogram
	blank := -1 // the byte value of uniform pages
	for len(b) > 0 {
		p := b[:min(page, len(b))]
		b = b[len(p):]
		if Uniform(p) && (blank < 0 || blank == int(p[0])) {
			blank = int(p[0])
			continue
		}
		var h histogram
		h.add(p)
		if !h.noise() {
			return Content
		}
		all.merge(&h)
	}
	if !all.noise() {
		return Content
	}
	return RandomBlock
}

// histogram counts byte values.
type histogram struct {
	counts [256]uint32
	total  uint32
}

func (h *histogram) add(b []byte) {
	for _, x := range b {
		h.counts[x]++
	}
	h.total += uint32(len(b))
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
}

func (h *histogram) noise() bool {
	squares := 0.0
	for _, n := range h.counts {
		squares += float64(n) * float64(n)
	}
	n := float64(h.total)
	chi := squares*256/n - n
	return n >= 512 && chi > chiLeast && chi < chiMost
}

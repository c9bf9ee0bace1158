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

// ClassOf looks at a block as a whole. A block of less than some hundred bytes
// tells too little to be called random.
func ClassOf(b []byte) Class {
	if Uniform(b) {
		return UniformBlock
	}
	var counts [256]uint64
	for _, x := range b {
		counts[x]++
	}
	squares := 0.0
	for _, n := range counts {
		squares += float64(n) * float64(n)
	}
	n := float64(len(b))
	chi := squares*256/n - n
	if n >= 512 && chi > chiLeast && chi < chiMost {
		return RandomBlock
	}
	return Content
}

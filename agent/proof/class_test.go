package proof

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

func TestClassOf(t *testing.T) {
	text := bytes.Repeat([]byte("The quick brown fox jumps over the lazy dog. "), 1<<20/45+1)
	counter := make([]byte, 1<<20)
	for i := 0; i < len(counter); i += 4 {
		binary.LittleEndian.PutUint32(counter[i:], uint32(i))
	}
	ramp := make([]byte, 1<<20)
	for i := range ramp {
		ramp[i] = byte(i)
	}
	spot := make([]byte, 1<<20)
	spot[777] = 1
	once := noise(1, 4096)
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		block []byte
		want  Class
	}{
		"zeros":                    {make([]byte, 1<<20), UniformBlock},
		"ones":                     {bytes.Repeat([]byte{0xff}, 4096), UniformBlock},
		"noise":                    {noise(2, 1<<20), RandomBlock},
		"noise of a page":          {once, RandomBlock},
		"noise of a sector":        {noise(3, 512), RandomBlock},
		"noise, repeated":          {bytes.Repeat(once, 256), Content},
		"noise after zeros":        {append(make([]byte, 4096), noise(4, 1<<20-4096)...), RandomBlock},
		"noise, zeros and ones":    {append(append(make([]byte, 4096), bytes.Repeat([]byte{255}, 4096)...), noise(4, 8192)...), Content},
		"zeros and ones":           {append(make([]byte, 4096), bytes.Repeat([]byte{255}, 4096)...), Content},
		"text":                     {text[:1<<20], Content},
		"a sector of text":         {text[:512], Content},
		"a counter":                {counter, Content},
		"a ramp":                   {ramp, Content},
		"one bit":                  {spot, Content},
		"a program":                {program[1<<20 : 2<<20], Content},
		"a few bytes":              {noise(5, 64), Content},
		"old sectors with numbers": {numbered(1 << 20), Content},
		"text in noise":            {append(text[:512:512], noise(6, 1<<20-512)...), Content},
	} {
		if got := ClassOf(c.block); got != c.want {
			t.Errorf("%s: class %d, not %d", name, got, c.want)
		}
	}
}

func numbered(n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "sector %016x ", b.Len())
	}
	return b.Bytes()[:n]
}

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// Noise is hardly ever taken for content: that would blame a drive that erased
// well.
func TestNoiseIsNotContent(t *testing.T) {
	for size, blocks := range map[int]int{512: 20000, 4096: 10000, 65536: 300} {
		r := rand.NewChaCha8([32]byte{byte(size)})
		b := make([]byte, size)
		for i := range blocks {
			r.Read(b)
			if ClassOf(b) != RandomBlock {
				t.Fatalf("block %d of %d bytes", i, size)
			}
		}
	}
}

// What cannot be told from noise is said to be so in the documentation; this
// holds it to that.
func TestCompressedDataIsMostlyContent(t *testing.T) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; b.Len() < 128<<10; i++ {
		fmt.Fprintf(w, "%d: the price of item %d is %d.%02d euros\n", i, i*7919%1000, i%900, i%100)
	}
	if got := ClassOf(b.Bytes()[:64<<10]); got != Content {
		t.Errorf("class %d", got)
	}
}

func TestEqualAt(t *testing.T) {
	for _, g := range generators {
		p := pattern(t, g, DomainOverwrite, 1, "drive")
		unit := make([]byte, Unit)
		p.Fill(unit, 3)
		for _, c := range [][2]int{{0, Unit}, {512, 512}, {chunk, chunk}, {12800, 4096}, {Unit - 512, 512}} {
			got := bytes.Clone(unit[c[0] : c[0]+c[1]])
			off := uint64(3*Unit + c[0])
			if !p.EqualAt(got, off) || p.EqualAt(got, off+512) || p.EqualAt(got, off-512) {
				t.Errorf("%s: %d bytes at %d", g, c[1], c[0])
			}
			got[len(got)-1] ^= 1
			if p.EqualAt(got, off) {
				t.Errorf("%s: %d bytes at %d: a changed bit is not seen", g, c[1], c[0])
			}
		}
		if p.EqualAt(unit, 3*Unit+512) {
			t.Errorf("%s: equal beyond the unit", g)
		}
	}
}

func TestInAnySector(t *testing.T) {
	for _, g := range generators {
		p := pattern(t, g, DomainMarker, 1, "drive")
		for _, sector := range []int{512, 4096, 16384} {
			unit := make([]byte, Unit)
			p.Fill(unit, 3)
			block := make([]byte, Unit)
			if p.InAnySector(block, 3, sector) {
				t.Errorf("%s: found in zeros", g)
			}
			for _, at := range []int{0, sector, Unit/2 + sector, Unit - sector} {
				copy(block[at:at+sector], unit[at:])
				if !p.InAnySector(block, 3, sector) {
					t.Errorf("%s: not found in the sector at %d", g, at)
				}
				if p.InAnySector(block, 4, sector) {
					t.Errorf("%s: found in another unit", g)
				}
				clear(block[at : at+sector])
			}
			copy(block, unit[sector:]) // moved by a sector
			if p.InAnySector(block, 3, sector) {
				t.Errorf("%s: found where it does not belong", g)
			}
		}
	}
}

package proof

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"regain.example/agent/api"
)

// vector is a published test vector. The expected bytes of testdata/vectors.json
// were made by testdata/vectors.py, which shares nothing with this package.
type vector struct {
	Generator Generator   `json:"generator"`
	Domain    Domain      `json:"domain"`
	Seed      string      `json:"seed"`
	Drive     api.DriveID `json:"drive"`
	Index     uint64      `json:"index"`
	First64   string      `json:"first_64"`
	Last32    string      `json:"last_32"` // of the whole unit
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 6 {
		t.Fatalf("%d vectors", len(vectors))
	}
	unit := make([]byte, Unit)
	for _, v := range vectors {
		seed, err := hex.DecodeString(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(v.Generator, v.Domain, seed, v.Drive)
		if err != nil {
			t.Fatal(err)
		}
		p.Fill(unit, v.Index)
		if got := hex.EncodeToString(unit[:64]); got != v.First64 {
			t.Errorf("%s, unit %d begins with %s, not %s", v.Generator, v.Index, got, v.First64)
		}
		if got := hex.EncodeToString(unit[Unit-32:]); got != v.Last32 {
			t.Errorf("%s, unit %d ends with %s, not %s", v.Generator, v.Index, got, v.Last32)
		}
	}
}

var generators = []Generator{AESCTR, ChaCha8}

func pattern(t testing.TB, g Generator, domain Domain, seed byte, drive api.DriveID) *Pattern {
	t.Helper()
	p, err := New(g, domain, bytes.Repeat([]byte{seed}, SeedBytes), drive)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEqualSeesEveryBit(t *testing.T) {
	for _, g := range generators {
		p := pattern(t, g, DomainOverwrite, 1, "drive")
		for _, length := range []int{512, 4096, chunk, chunk + 512, Unit - 512, Unit} {
			got := make([]byte, length)
			p.Fill(got, 3)
			if !p.Equal(got, 3) {
				t.Fatalf("%s: %d bytes differ from themselves", g, length)
			}
			for _, at := range []int{0, 7, length / 2, length - 1} {
				got[at] ^= 0x10
				if p.Equal(got, 3) {
					t.Errorf("%s: a changed bit at %d of %d is not seen", g, at, length)
				}
				got[at] ^= 0x10
			}
			if p.Equal(got, 4) {
				t.Errorf("%s: unit 3 passes for unit 4", g)
			}
		}
		if p.Equal(make([]byte, Unit+512), 0) {
			t.Errorf("%s: more than a unit is equal", g)
		}
	}
}

func TestPatternDependsOnEverything(t *testing.T) {
	for _, g := range generators {
		seen := map[string]string{}
		for name, c := range map[string]struct {
			p     *Pattern
			index uint64
		}{
			"base":            {pattern(t, g, DomainOverwrite, 1, "a"), 0},
			"other index":     {pattern(t, g, DomainOverwrite, 1, "a"), 1},
			"far index":       {pattern(t, g, DomainOverwrite, 1, "a"), 1 << 32},
			"other drive":     {pattern(t, g, DomainOverwrite, 1, "b"), 0},
			"other seed":      {pattern(t, g, DomainOverwrite, 2, "a"), 0},
			"other domain":    {pattern(t, g, DomainMarker, 1, "a"), 0},
			"other generator": {pattern(t, other(g), DomainOverwrite, 1, "a"), 0},
		} {
			b := make([]byte, 512)
			c.p.Fill(b, c.index)
			if twin, ok := seen[string(b)]; ok {
				t.Errorf("%s: %q and %q are the same", g, name, twin)
			}
			seen[string(b)] = name
		}
	}
}

func other(g Generator) Generator {
	if g == AESCTR {
		return ChaCha8
	}
	return AESCTR
}

func TestPatternDoesNotCompress(t *testing.T) {
	for _, g := range generators {
		unit := make([]byte, Unit)
		pattern(t, g, DomainOverwrite, 1, "drive").Fill(unit, 0)
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, flate.BestCompression)
		w.Write(unit)
		w.Close()
		if packed.Len() < Unit {
			t.Errorf("%s: %d bytes compress to %d", g, Unit, packed.Len())
		}
	}
}

func TestPrefixIsAPrefix(t *testing.T) {
	for _, g := range generators {
		p := pattern(t, g, DomainOverwrite, 1, "drive")
		unit, part := make([]byte, Unit), make([]byte, 513)
		p.Fill(unit, 9)
		p.Fill(part, 9)
		if !bytes.Equal(part, unit[:len(part)]) {
			t.Errorf("%s: a short fill is another pattern", g)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		g    Generator
		seed int
	}{{AESCTR, 0}, {AESCTR, 31}, {ChaCha8, 33}, {"zeros", SeedBytes}, {"", SeedBytes}} {
		if _, err := New(c.g, DomainOverwrite, make([]byte, c.seed), "drive"); err == nil {
			t.Errorf("%q with a seed of %d bytes is taken", c.g, c.seed)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	for _, g := range generators {
		b.Run(string(g), func(b *testing.B) {
			p, unit := pattern(b, g, DomainOverwrite, 1, "drive"), make([]byte, Unit)
			b.SetBytes(Unit)
			for i := range b.N {
				p.Fill(unit, uint64(i))
			}
		})
	}
}

func BenchmarkEqual(b *testing.B) {
	for _, g := range generators {
		b.Run(string(g), func(b *testing.B) {
			p, unit := pattern(b, g, DomainOverwrite, 1, "drive"), make([]byte, Unit)
			p.Fill(unit, 0)
			b.SetBytes(Unit)
			for range b.N {
				if !p.Equal(unit, 0) {
					b.Fatal("differs")
				}
			}
		})
	}
}

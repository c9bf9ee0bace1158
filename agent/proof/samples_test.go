package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"regain.example/agent/api"
)

// sampleVector is a published test vector of testdata/samples.json, made by
// testdata/samples.py, which shares nothing with this package.
type sampleVector struct {
	Seed   string      `json:"seed"`
	Drive  api.DriveID `json:"drive"`
	Plan   api.Verify  `json:"plan"`
	Size   int64       `json:"size"`
	Sector int64       `json:"sector"`
	Block  int64       `json:"block"`
	Places int         `json:"places"`
	First  [][2]uint64 `json:"first"`
	Last   [2]uint64   `json:"last"`
	// SHA256 is that of all places as lines "OFFSET+LENGTH\n".
	SHA256 string `json:"sha256"`
}

func TestSampleVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/samples.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []sampleVector
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) < 12 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		seed, err := hex.DecodeString(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := SampleBlock(v.Plan, v.Size, v.Sector); got != v.Block {
			t.Errorf("%s of %d bytes: blocks of %d, not %d", v.Plan, v.Size, got, v.Block)
		}
		places := Samples(seed, v.Drive, v.Plan, v.Size, v.Sector)
		hash := sha256.New()
		for _, p := range places {
			fmt.Fprintf(hash, "%d+%d\n", p.Offset, p.Length)
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != v.SHA256 || len(places) != v.Places {
			t.Errorf("%s of %d bytes: %d places, not %d: %v", v.Plan, v.Size, len(places), v.Places, places[:min(3, len(places))])
		}
	}
}

// What NIST asks for and api promises, on drives of all sizes.
func TestSamplesAreEnoughAndApart(t *testing.T) {
	seed := bytes.Repeat([]byte{1}, SeedBytes)
	for _, size := range []int64{512, 4096, 5120, 1 << 20, 8<<20 + 512, 64 << 20, 4<<30 - 4096, 500107862016, 16 << 40} {
		for _, plan := range []api.Verify{api.VerifyNISTR2, api.VerifyNISTR1, api.VerifyFull} {
			places := Samples(seed, "drive", plan, size, 512)
			past, total := uint64(0), uint64(0)
			for _, p := range places {
				if p.Offset < past || p.Length == 0 || p.Offset%512 != 0 || p.Length%512 != 0 || p.Offset+p.Length > uint64(size) {
					t.Fatalf("%s of %d bytes: %+v after %d", plan, size, p, past)
				}
				past, total = p.Offset+p.Length, total+p.Length
			}
			switch {
			case len(places) == 0:
				t.Errorf("%s of %d bytes: none", plan, size)
			case plan == api.VerifyNISTR1 && total*10 < uint64(size):
				t.Errorf("%s of %d bytes: %d bytes only", plan, size, total)
			case plan == api.VerifyNISTR1 && size >= 8<<20 && len(places) != 2*api.R1Ranges:
				t.Errorf("%s of %d bytes: %d places", plan, size, len(places))
			case plan != api.VerifyNISTR1 && size >= 1<<20 && len(places) != api.R2Samples:
				t.Errorf("%s of %d bytes: %d places", plan, size, len(places))
			case size >= 64<<20 && total*4 > uint64(size):
				t.Errorf("%s of %d bytes: %d bytes", plan, size, total)
			}
		}
	}
}

func TestEverySectorCanBeSampled(t *testing.T) {
	const size = 3*4096 + 512 // the last block is a sector
	for _, plan := range []api.Verify{api.VerifyNISTR2, api.VerifyNISTR1} {
		seen := map[uint64]bool{}
		for i := range 200 {
			seed := bytes.Repeat([]byte{byte(i)}, SeedBytes)
			for _, p := range Samples(seed, "drive", plan, size, 512) {
				for at := p.Offset; at < p.Offset+p.Length; at += 512 {
					seen[at] = true
				}
			}
		}
		if len(seen) != size/512 {
			t.Errorf("%s: %d of %d sectors", plan, len(seen), size/512)
		}
	}
}

func TestSamplesDependOnAllThatTheyAreDrawnFrom(t *testing.T) {
	seed := bytes.Repeat([]byte{1}, SeedBytes)
	base := Samples(seed, "drive", api.VerifyNISTR2, 1<<40, 512)
	for name, other := range map[string][]api.Range{
		"seed":  Samples(bytes.Repeat([]byte{2}, SeedBytes), "drive", api.VerifyNISTR2, 1<<40, 512),
		"drive": Samples(seed, "other", api.VerifyNISTR2, 1<<40, 512),
		"plan":  Samples(seed, "drive", api.VerifyFull, 1<<40, 512),
	} {
		same := 0
		for _, p := range other {
			if slices.Contains(base, p) {
				same++
			}
		}
		if same > 8 {
			t.Errorf("another %s draws %d of the same places", name, same)
		}
	}
}

func TestUnknownPlanHasNoSamples(t *testing.T) {
	if got := Samples(make([]byte, SeedBytes), "drive", "a glance", 1<<40, 512); got != nil {
		t.Errorf("%d places", len(got))
	}
}

package sha8

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

func random(n, length int, seed byte) [][]byte {
	src := rand.NewChaCha8([32]byte{seed})
	messages := make([][]byte, n)
	for i := range messages {
		messages[i] = make([]byte, length)
		src.Read(messages[i])
	}
	return messages
}

func vectors(t testing.TB) Hasher {
	if !available() {
		t.Skip("this processor has no AVX2")
	}
	return Hasher{vectors: true}
}

// The oracle is crypto/sha256.
func TestSums(t *testing.T) {
	for name, h := range map[string]Hasher{"vectors": vectors(t), "without": {}, "fastest": Fastest()} {
		for n := range 10 {
			for _, length := range []int{0, 1, 63, 64, 65, 128, 4096, 1<<20 + 64, 1<<20 + 512} {
				messages := random(n, length, byte(n))
				for i, sum := range h.Sums(messages) {
					if sum != sha256.Sum256(messages[i]) {
						t.Errorf("%s: message %d of %d with %d bytes is hashed wrongly", name, i, n, length)
					}
				}
			}
		}
	}
}

func TestLengthsThatDiffer(t *testing.T) {
	messages := append(random(7, 128, 1), make([]byte, 64))
	for i, sum := range vectors(t).Sums(messages) {
		if sum != sha256.Sum256(messages[i]) {
			t.Errorf("message %d is hashed wrongly", i)
		}
	}
}

// A bit anywhere in one message changes its hash and no other's.
func TestEachLaneIsItsOwn(t *testing.T) {
	h := vectors(t)
	messages := random(Lanes, 256, 2)
	before := h.Sums(messages)
	for lane := range messages {
		for at := range 256 {
			messages[lane][at] ^= 1
			for i, sum := range h.Sums(messages) {
				if (sum != before[i]) != (i == lane) {
					t.Errorf("byte %d of message %d, hash %d", at, lane, i)
				}
			}
			messages[lane][at] ^= 1
		}
	}
}

func FuzzSums(f *testing.F) {
	f.Add([]byte("seed"), uint8(8))
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		messages := make([][]byte, n%Lanes+1)
		for i := range messages {
			messages[i] = append([]byte{byte(i)}, data...)
			for len(messages[i])%64 != 0 {
				messages[i] = append(messages[i], byte(i))
			}
		}
		for i, sum := range vectors(t).Sums(messages) {
			if sum != sha256.Sum256(messages[i]) {
				t.Fatalf("message %d is hashed wrongly", i)
			}
		}
	})
}

func BenchmarkSums(b *testing.B) {
	messages := random(Lanes, 4<<20, 3)
	for _, h := range []Hasher{vectors(b), {}} {
		b.Run(fmt.Sprintf("vectors=%v", h.vectors), func(b *testing.B) {
			b.SetBytes(Lanes * 4 << 20)
			for b.Loop() {
				h.Sums(messages)
			}
		})
	}
}

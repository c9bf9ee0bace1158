package install

import (
	"encoding/hex"

	"regain.example/agent/drive"
	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

// buffers hold the frames of a row. They are made when they are first needed.
type buffers [][]byte

// at returns buffer i, for i up to the number of those that there are.
func (b *buffers) at(i int) []byte {
	if i == len(*b) {
		*b = append(*b, drive.Buffer(manifest.FrameBytes))
	}
	return (*b)[i]
}

// hashed returns how many frames of a row, from its beginning, have the hashes
// that the manifest says.
func hashed(hash sha8.Hasher, row [][]byte, want []manifest.Frame) int {
	for i, sum := range hash.Sums(row) {
		if hex.EncodeToString(sum[:]) != want[i].SHA256 {
			return i
		}
	}
	return len(row)
}

package esp

import (
	"bytes"
	"fmt"
	"io"
)

// ConfigBytes is the room for a configuration, in bytes.
const ConfigBytes = 16 << 10

const (
	sector = 512
	line   = 64
	// searched is how much of the image is looked at for the placeholder, the first
	// file of the file system. The agent looks for what stands there in as much of
	// each stick (agent/stick).
	searched = 1 << 20
)

// Placeholder is what stands in the template for the configuration: comments to
// GRUB. Every line has its own number, so that a placeholder whose clusters do not
// lie together is not taken for one.
func Placeholder() []byte {
	var b bytes.Buffer
	for n := 1; n <= ConfigBytes/line; n++ {
		fmt.Fprintf(&b, "%-*s\n", line-1, fmt.Sprintf("# Regain: GRUB's configuration goes here (%d)", n))
	}
	return b.Bytes()
}

// find returns where the placeholder begins in an image of size bytes.
func find(image io.ReaderAt, size int64) (int64, error) {
	want := Placeholder()
	head := make([]byte, min(size, searched))
	if _, err := image.ReadAt(head, 0); err != nil {
		return 0, fmt.Errorf("look for the placeholder: %w", err)
	}
	for at := 0; at+len(want) <= len(head); at += sector {
		if bytes.HasPrefix(head[at:], want[:line]) {
			if !bytes.Equal(head[at:at+len(want)], want) {
				return 0, fmt.Errorf("%w: the placeholder at byte %d is not whole", ErrTemplate, at)
			}
			return int64(at), nil
		}
	}
	return 0, fmt.Errorf("%w: no placeholder", ErrTemplate)
}

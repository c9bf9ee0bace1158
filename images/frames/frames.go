// Package frames writes and reads the body of a master image: a Zstandard file
// in the Zstandard Seekable Format, version 0.1.0
// (https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md):
// independent frames, each of manifest.FrameBytes of the raw disk (the last
// shorter), then a skippable frame that holds the seek table. Any Zstandard
// decoder restores the raw disk from it.
package frames

import "errors"

// The errors about a file's content.
var (
	// ErrTruncated: the file ends before it should.
	ErrTruncated = errors.New("the file is cut short")
	// ErrCorrupt: a frame cannot be decompressed, or its content is not what
	// it should be.
	ErrCorrupt = errors.New("the data is corrupt")
	// ErrNoSeekTable: the file does not end with a seek table that can be
	// used.
	ErrNoSeekTable = errors.New("no usable seek table at the end of the file")
)

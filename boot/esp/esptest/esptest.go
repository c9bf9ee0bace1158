// Package esptest makes small templates of boot images for tests: boot record and
// placeholder are real, the files around them are not there.
package esptest

import (
	"os"
	"path/filepath"

	"regain.example/boot/esp"
)

// ConfigAt is where the placeholder begins in a template, in bytes.
const ConfigAt = (esp.PartitionStart + 64) * 512

// Template returns a template of 384 KiB.
func Template() []byte {
	image := make([]byte, 384<<10)
	for i := range image {
		image[i] = byte(i >> 9)
	}
	copy(image, esp.BootRecord(nil, uint32(len(image)/512-esp.PartitionStart)))
	copy(image[ConfigAt:], esp.Placeholder())
	return image
}

// Write puts image into dir under the name by which esp.Open finds it.
func Write(dir string, image []byte) error {
	return os.WriteFile(filepath.Join(dir, esp.File), image, 0o600)
}

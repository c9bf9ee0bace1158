package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"regain.example/images/frames"
)

// Verify reads an image whole: the signature of its manifest, the length and the
// seek table of its body, and the SHA-256 of every frame. The error names each
// frame that is wrong. Progress may be nil; it is called with the frames done.
func (c *Catalogue) Verify(ctx context.Context, name string, progress func(done, total int)) error {
	image, err := c.signed(name)
	if err != nil {
		return err
	}
	f, err := os.Open(c.path(name, bodyEnding))
	if err != nil {
		return fmt.Errorf("verify master image %s: %w", name, err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("verify master image %s: %w", name, err)
	}
	total := len(image.Manifest.Frames)
	report := func(done int) {
		if progress != nil {
			progress(done, total)
		}
	}
	if err := frames.Verify(ctx, f, size, image.Manifest, report); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("verify master image %s: %w", name, err)
		}
		return fmt.Errorf("verify master image %s: %w; add the image anew", name, err)
	}
	return nil
}

// VerifyAll verifies every image, and joins what is wrong.
func (c *Catalogue) VerifyAll(ctx context.Context) error {
	entries, err := c.List(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, e := range entries {
		wrong = append(wrong, c.Verify(ctx, e.Name, nil))
	}
	return errors.Join(wrong...)
}

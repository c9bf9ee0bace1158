package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// maxSignature bounds NAME.json.minisig.
const maxSignature = 32 << 10

// source is where an image's files come from.
type source struct {
	client *http.Client
	order  api.InstallOrder
}

func newSource(job Job) *source {
	if job.Client == nil {
		job.Client = NewClient()
	}
	return &source{client: job.Client, order: job.Order}
}

// url returns the address of one of the image's files.
func (s *source) url(ending string) string { return s.order.BaseURL + s.order.Image + ending }

// manifest fetches the manifest, and trusts it only if it is the one that was
// approved, signed by the order's key.
func (s *source) manifest(ctx context.Context) (manifest.Manifest, error) {
	if !manifest.ValidName(s.order.Image) || !strings.HasSuffix(s.order.BaseURL, "/") {
		return manifest.Manifest{}, refuse(ErrManifest, "the order names the image %q at %q, which cannot be: check the profile", s.order.Image, s.order.BaseURL)
	}
	var text []byte
	check := func(b []byte) error {
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != s.order.ManifestSHA256 {
			return fmt.Errorf("%w: its SHA-256 is %x, approved was %s", errReply, sum, s.order.ManifestSHA256)
		}
		text = b
		return nil
	}
	if err := s.small(ctx, ".json", manifest.MaxBytes, check); err != nil {
		return manifest.Manifest{}, s.refused(err)
	}
	var m manifest.Manifest
	open := func(sig []byte) (err error) {
		if m, err = manifest.Open(text, sig, s.order.PublicKey); err != nil {
			return fmt.Errorf("%w: %w", errReply, err)
		}
		return nil
	}
	if err := s.small(ctx, ".json.minisig", maxSignature, open); err != nil {
		return manifest.Manifest{}, s.refused(err)
	}
	if m.Name != s.order.Image {
		return manifest.Manifest{}, refuse(ErrManifest, "the manifest is of the image %s, ordered was %s: add the image to the controller again", m.Name, s.order.Image)
	}
	return m, nil
}

// refused words the error of a manifest that could not be used.
func (s *source) refused(err error) error {
	if !errors.Is(err, errReply) {
		return err
	}
	return fmt.Errorf("%w: image %s: %w; check it with \"regain image verify\", then try again", ErrManifest, s.order.Image, err)
}

// small fetches one of the small files until use accepts it.
func (s *source) small(ctx context.Context, ending string, limit int64, use func([]byte) error) error {
	var b backoff
	for {
		err := s.get(ctx, ending, "", func(resp *http.Response, body io.Reader) error {
			if resp.StatusCode != http.StatusOK {
				return statusError(resp)
			}
			data, err := io.ReadAll(io.LimitReader(body, limit+1))
			if err != nil {
				return err
			}
			if int64(len(data)) > limit {
				return fmt.Errorf("%w: %s is larger than %d bytes", errReply, ending, limit)
			}
			return use(data)
		})
		if err == nil {
			return nil
		}
		if err := b.wait(ctx, err); err != nil {
			return err
		}
	}
}

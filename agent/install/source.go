package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// stall is how long a server may send nothing before its connection is given up
// and made anew.
const stall = 30 * time.Second

// maxSignature bounds NAME.json.minisig.
const maxSignature = 32 << 10

var (
	errStalled = errors.New("the server sent nothing for 30 s")
	// errReply marks a complete answer that is not the right one. It is asked
	// for again a few times only; see backoff.
	errReply = errors.New("wrong answer")
)

// NewClient returns a client for fetching images: a bench has no proxy, and the
// pipeline's connections stay open between requests.
func NewClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{Transport: &http.Transport{
		DialContext:           dialer.DialContext,
		MaxIdleConnsPerHost:   workers,
		ResponseHeaderTimeout: stall,
		DisableCompression:    true,
	}}
}

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

// get asks once for a file, or for a range of it, and hands the answer to use. It
// gives up when nothing arrives for the time of stall.
func (s *source) get(ctx context.Context, ending, byteRange string, use func(*http.Response, io.Reader) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errStalled) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url(ending), nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errReply, err)
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	resp, err := s.client.Do(req)
	if err == nil {
		defer resp.Body.Close()
		err = use(resp, &watched{resp.Body, watch})
	}
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return errStalled
	}
	return err
}

// watched puts the stall timer back with every read.
type watched struct {
	r     io.Reader
	timer *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.timer.Reset(stall)
	}
	return n, err
}

// statusError sorts the answers that carry no image: a server in trouble may
// recover, any other answer is wrong.
func statusError(resp *http.Response) error {
	switch {
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout:
		return fmt.Errorf("the server answers %s", resp.Status)
	}
	return fmt.Errorf("%w: the server answers %s", errReply, resp.Status)
}

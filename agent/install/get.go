package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// stall is how long a server may send nothing before its connection is given up
// and made anew.
const stall = 30 * time.Second

var (
	errStalled = errors.New("the server sent nothing for 30 s")
	// errReply marks a complete answer that is not the right one. It is asked
	// for again a few times only; see backoff.
	errReply = errors.New("wrong answer")
	// errStatus marks, of these, an answer that carries nothing of the image.
	errStatus = errors.New("the server refuses")
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
	watch.Stop()
	if err == nil {
		defer resp.Body.Close()
		err = use(resp, &watched{resp.Body, watch})
	}
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return errStalled
	}
	return err
}

// watched runs the stall timer during each read only: a slow drive is not the
// server's fault.
type watched struct {
	r     io.Reader
	timer *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(stall)
	defer w.timer.Stop()
	return w.r.Read(p)
}

// statusError sorts the answers that carry no image: a server in trouble may
// recover, any other answer is wrong.
func statusError(resp *http.Response) error {
	switch {
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout:
		return fmt.Errorf("the server answers %s", resp.Status)
	}
	return fmt.Errorf("%w, %w: %s", errReply, errStatus, resp.Status)
}

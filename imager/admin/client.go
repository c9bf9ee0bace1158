package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"regain.example/imager"
)

// maxFile bounds what is read of an evidence file, in bytes: the controller keeps
// none above 1 MiB.
const maxFile = 8 << 20

// ErrUnreachable is returned when no controller answers at the socket.
var ErrUnreachable = errors.New("no controller answers")

// Client speaks to the running controller.
type Client struct {
	path string
	http *http.Client
}

// NewClient returns a client of the controller whose socket is at path.
func NewClient(path string) *Client {
	return &Client{path: path, http: &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			c, err := d.DialContext(ctx, "unix", path)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
			}
			return c, nil
		}},
	}}
}

// Machines returns all machines.
func (c *Client) Machines(ctx context.Context) ([]imager.View, error) {
	var v []imager.View
	return v, c.do(ctx, http.MethodGet, "/v1/machines", nil, &v)
}

// Machine returns one machine.
func (c *Client) Machine(ctx context.Context, number int) (imager.View, error) {
	var v imager.View
	return v, c.do(ctx, http.MethodGet, fmt.Sprintf("/v1/machines/%d", number), nil, &v)
}

// Profiles returns all profiles.
func (c *Client) Profiles(ctx context.Context) ([]imager.Profile, error) {
	var v []imager.Profile
	return v, c.do(ctx, http.MethodGet, "/v1/profiles", nil, &v)
}

// Approve approves a machine with the drives that a names.
func (c *Client) Approve(ctx context.Context, a imager.Approval) (imager.Job, error) {
	var j imager.Job
	return j, c.do(ctx, http.MethodPost, fmt.Sprintf("/v1/machines/%d/approve", a.Machine), a, &j)
}

// EnterCode types the code on a machine's screen.
func (c *Client) EnterCode(ctx context.Context, machine int, code string) error {
	return c.act(ctx, machine, "code", codeRequest{code})
}

// Stop ends a machine's job.
func (c *Client) Stop(ctx context.Context, machine int, reason string) error {
	return c.act(ctx, machine, "stop", stopRequest{reason})
}

// Retry installs again after a failed installation.
func (c *Client) Retry(ctx context.Context, machine int) error {
	return c.act(ctx, machine, "retry", nil)
}

// Release lifts a halt.
func (c *Client) Release(ctx context.Context, machine int) error {
	return c.act(ctx, machine, "release", nil)
}

// Confirm says that an installed machine runs.
func (c *Client) Confirm(ctx context.Context, machine int) error {
	return c.act(ctx, machine, "confirm", nil)
}

func (c *Client) act(ctx context.Context, machine int, what string, body any) error {
	return c.do(ctx, http.MethodPost, fmt.Sprintf("/v1/machines/%d/%s", machine, what), body, nil)
}

func (c *Client) do(ctx context.Context, method, path string, body, into any) error {
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		send = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://regain"+path, send)
	if err != nil {
		return fmt.Errorf("ask the controller: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the controller at %s: %w", c.path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		var p problem
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
			return fmt.Errorf("ask the controller at %s: %s", c.path, resp.Status)
		}
		return decodeError(p)
	}
	if into == nil {
		return nil
	}
	if whole, ok := into.(*file); ok {
		*whole, err = io.ReadAll(io.LimitReader(resp.Body, maxFile))
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the controller's reply: %w", err)
	}
	return nil
}

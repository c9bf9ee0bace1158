package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"regain.example/agent/api"
)

// maxReply bounds what a server may make us read: an order with a NoCloud seed.
const maxReply = 4 << 20

// do makes one request. A refusal is returned as an *api.Problem.
func (c *Client) do(ctx context.Context, limit time.Duration, method, path, auth string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.o.Params.Controller+path, body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if auth != "" {
		req.Header.Set("Authorization", "Bearer "+auth)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return fmt.Errorf("read the controller's reply: %w", err)
	}
	if resp.StatusCode >= 300 {
		return problem(resp.StatusCode, reply)
	}
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.Unmarshal(reply, out); err != nil {
		return fmt.Errorf("understand the controller's reply: %w", err)
	}
	return nil
}

// problem makes an error of a refusal, also of one that something between us
// and the controller has written.
func problem(status int, body []byte) error {
	p := new(api.Problem)
	if err := json.Unmarshal(body, p); err != nil || p.Code == "" {
		return fmt.Errorf("the controller answered %d %s", status, http.StatusText(status))
	}
	return p
}

// code returns the code of a refusal, "" for every other error.
func code(err error) api.Code {
	var p *api.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

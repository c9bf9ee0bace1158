package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"

	"regain.example/imager"
)

// file is a result that goes over the socket byte by byte.
type file []byte

// handleDrives serves what concerns withdrawn drives and evidence.
func handleDrives(handle func(string, func(context.Context, call) (any, error)), op imager.Operator) {
	handle("GET /v1/withdrawn", func(ctx context.Context, _ call) (any, error) {
		all, err := op.Withdrawn(ctx)
		if all == nil {
			all = []imager.Withdrawn{}
		}
		return all, err
	})
	handle("POST /v1/machines/{n}/withdraw", func(ctx context.Context, c call) (any, error) {
		var d imager.Withdrawn
		if err := c.decode(&d); err != nil {
			return nil, err
		}
		if d.Machine != c.machine {
			return nil, fmt.Errorf("withdraw: %w: the address names machine %d, the declaration machine %d", imager.ErrInvalid, c.machine, d.Machine)
		}
		return op.Withdraw(ctx, c.actor, d)
	})
	handle("POST /v1/withdrawn/{id}/destroyed", func(ctx context.Context, c call) (any, error) {
		var d imager.Destruction
		if err := c.decode(&d); err != nil {
			return nil, err
		}
		return nil, op.Destroyed(ctx, c.actor, c.request.PathValue("id"), d)
	})
	handle("GET /v1/evidence/{sha256}", func(ctx context.Context, c call) (any, error) {
		text, err := op.Evidence(ctx, c.request.PathValue("sha256"))
		return file(text), err
	})
}

// Withdrawn lists the withdrawn drives, those not yet destroyed first.
func (c *Client) Withdrawn(ctx context.Context) ([]imager.Withdrawn, error) {
	var all []imager.Withdrawn
	return all, c.do(ctx, http.MethodGet, "/v1/withdrawn", nil, &all)
}

// Withdraw declares that a drive was pulled out of d.Machine.
func (c *Client) Withdraw(ctx context.Context, d imager.Withdrawn) (imager.Withdrawn, error) {
	var made imager.Withdrawn
	return made, c.do(ctx, http.MethodPost, fmt.Sprintf("/v1/machines/%d/withdraw", d.Machine), d, &made)
}

// Destroyed records the end of a withdrawn drive.
func (c *Client) Destroyed(ctx context.Context, id string, d imager.Destruction) error {
	return c.do(ctx, http.MethodPost, "/v1/withdrawn/"+url.PathEscape(id)+"/destroyed", d, nil)
}

// Evidence returns the evidence with this SHA-256, in hex, and compares it.
func (c *Client) Evidence(ctx context.Context, sum string) ([]byte, error) {
	var text file
	if err := c.do(ctx, http.MethodGet, "/v1/evidence/"+url.PathEscape(sum), nil, &text); err != nil {
		return nil, err
	}
	if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != sum {
		return nil, fmt.Errorf("read evidence %s: what came has the SHA-256 %x", sum, got)
	}
	return text, nil
}

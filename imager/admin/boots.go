package admin

import (
	"context"
	"net/http"
	"net/url"

	"regain.example/imager"
)

// handleBoots serves what concerns machines on their way to the agent.
func handleBoots(handle func(string, func(context.Context, call) (any, error)), op imager.Operator) {
	handle("GET /v1/boots", func(ctx context.Context, _ call) (any, error) { return op.Boots(ctx) })
	handle("POST /v1/boots/{mac}/again", func(ctx context.Context, c call) (any, error) {
		return nil, op.BootAgain(ctx, c.actor, c.request.PathValue("mac"))
	})
}

// Boots returns the machines on their way to the agent.
func (c *Client) Boots(ctx context.Context) (imager.Boots, error) {
	var b imager.Boots
	return b, c.do(ctx, http.MethodGet, "/v1/boots", nil, &b)
}

// BootAgain lets a machine that failed three boots in a row have the agent again.
func (c *Client) BootAgain(ctx context.Context, mac string) error {
	return c.do(ctx, http.MethodPost, "/v1/boots/"+url.PathEscape(mac)+"/again", nil, nil)
}

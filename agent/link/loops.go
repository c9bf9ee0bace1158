package link

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"regain.example/agent/api"
)

// pollLimit bounds one long poll. The controller answers sooner, with the old
// order if nothing changed.
const pollLimit = 80 * time.Second

// progressEvery is the pace of the progress.
const progressEvery = time.Second

// sendReports sends what the queue holds, again and again until it is on the
// controller's disk.
func (c *Client) sendReports(ctx context.Context) error {
	for {
		if err := c.queue.filled(ctx); err != nil {
			return err
		}
		s, reports := c.numbered()
		var reply api.ReportReply
		ours, err := c.call(ctx, s, requestLimit, http.MethodPost, "/agent/v1/report", api.ReportRequest{Reports: reports}, &reply)
		if err != nil {
			return err
		}
		if ours && c.acknowledge(s, reply.Durable) {
			continue
		}
		// A controller that accepts but does not keep would be asked without a
		// pause.
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// fetchOrders asks for orders by long poll and hands each new one on.
func (c *Client) fetchOrders(ctx context.Context) error {
	var last session
	revision := uint64(0)
	for {
		s := c.current()
		if s != last {
			last, revision = s, 0 // revisions are a session's own
		}
		var order api.Order
		path := fmt.Sprintf("/agent/v1/order?after=%d", revision)
		ours, err := c.call(ctx, s, pollLimit, http.MethodGet, path, nil, &order)
		if err != nil {
			return err
		}
		if ours && order.Revision != revision {
			revision = order.Revision
			c.o.Listener.Order(order)
		}
	}
}

// sendProgress sends the newest progress, once a second. What fails is lost; if
// the session is, the other loops find out.
func (c *Client) sendProgress(ctx context.Context) error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		p := c.progress.take()
		if p == nil {
			continue
		}
		s := c.current()
		if err := c.do(ctx, 5*time.Second, http.MethodPost, "/agent/v1/progress", s.id+":"+s.key, p, nil); err != nil {
			c.o.Log.Debug("progress not sent", "err", err)
		}
	}
}

package link

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"regain.example/agent/api"
)

// requestLimit bounds a request that is not a long poll.
const requestLimit = 60 * time.Second

// backoff says how long to wait between tries: doubled each time, and drawn from
// the upper half, so that forty machines do not come back at once.
type backoff struct{ first, last time.Duration }

// forever calls try until it succeeds. It ends with ctx, with ErrStopped, or
// with a refusal whose code is in giveBack, which is the caller's to handle.
func (c *Client) forever(ctx context.Context, try func() error, giveBack ...api.Code) error {
	wait := c.backoff.first
	for {
		err := try()
		if err == nil {
			c.well()
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		got := code(err)
		if got == api.CodeStopped {
			return fmt.Errorf("%w: %w", ErrStopped, err)
		}
		for _, g := range giveBack {
			if got == g {
				return err
			}
		}
		c.ill(err)
		half := wait / 2
		if err := pause(ctx, half+rand.N(half)); err != nil {
			return err
		}
		wait = min(2*wait, c.backoff.last)
	}
}

// well and ill tell the listener when the connection's state changes.
func (c *Client) well() {
	c.mu.Lock()
	was := c.trouble
	c.trouble = false
	c.mu.Unlock()
	if was {
		c.o.Log.Info("connected again")
		c.o.Listener.Connected()
	}
}

func (c *Client) ill(err error) {
	c.mu.Lock()
	c.trouble = true
	c.mu.Unlock()
	c.o.Log.Warn("request to the controller", "err", err)
	c.o.Listener.Trouble(err)
}

// register opens a session in place of stale, unless another loop has already
// done so.
func (c *Client) register(ctx context.Context, again bool, stale session) error {
	c.registering.Lock()
	defer c.registering.Unlock()
	if c.current() != stale {
		return nil
	}
	var reply api.RegisterReply
	err := c.forever(ctx, func() error {
		reply = api.RegisterReply{}
		return c.do(ctx, requestLimit, http.MethodPost, "/agent/v1/register", "", api.RegisterRequest{
			Version: api.Version, Token: c.o.Params.Token, Nonce: c.o.Nonce,
			Inventory: c.o.Registrar.Inventory(), Again: again, Holds: c.o.Registrar.Holds(), Enrol: c.o.Enrol,
		}, &reply)
	})
	if err != nil {
		return err
	}
	c.opened(reply)
	c.o.Listener.Registered(reply.Machine)
	return nil
}

// opened takes up a session. In the same session as before (the reply to an
// earlier registration was lost, or the controller kept it) what it has on disk
// is forgotten here; in a new one all that waits is numbered anew.
func (c *Client) opened(reply api.RegisterReply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.id == reply.Session {
		c.queue.acknowledge(reply.Durable)
	} else {
		c.queue.restart(reply.Durable)
	}
	c.session = session{id: reply.Session, key: reply.Key, opened: c.session.opened + 1}
	c.o.Log.Info("registered", "machine", reply.Machine.Number)
}

// numbered returns the reports that wait and the session that their numbers
// belong to.
func (c *Client) numbered() (session, []api.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, c.queue.first()
}

// acknowledge forgets what s has on disk, if s is still the session, and reports
// whether anything was forgotten.
func (c *Client) acknowledge(s session, durable uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session == s && c.queue.acknowledge(durable)
}

func (c *Client) current() session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// call makes one request of the session until it succeeds, registering again as
// often as the controller asks for it. It reports whether the reply belongs to
// the current session; if not, another loop has opened a new one meanwhile, and
// the reply's numbers mean nothing any more.
func (c *Client) call(ctx context.Context, s session, limit time.Duration, method, path string, in, out any) (bool, error) {
	err := c.forever(ctx, func() error {
		return c.do(ctx, limit, method, path, s.id+":"+s.key, in, out)
	}, api.CodeUnknownSession, api.CodeBehind)
	switch code(err) {
	case api.CodeUnknownSession, api.CodeBehind:
		c.o.Log.Warn("the controller asks for a new registration", "err", err)
		return false, c.register(ctx, true, s)
	}
	return err == nil && c.current() == s, err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

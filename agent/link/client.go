// Package link is the agent's connection to its controller: the client of the
// protocol of package api.
//
// It never gives up. Reports wait in memory until the controller has them on
// disk; progress may be lost; a session that the controller no longer knows is
// opened again. It ends only when its context does, or when the controller says
// that this machine is stopped.
package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/api/cmdline"
)

// ErrStopped is returned when the controller stopped this machine: two sessions
// claim one identity, or a token was used twice. The drives are to be left as
// they are.
var ErrStopped = errors.New("stopped by the controller")

// Registrar says who this machine is, each time that it has to be said.
type Registrar interface {
	// Inventory is what was found at the last look.
	Inventory() api.Inventory
	// Holds lists the drives on which this agent is working or has finished
	// an erasure in this boot.
	Holds() []api.DriveID
}

// Listener is told of what changes. Its methods must not block.
type Listener interface {
	// Registered is called after every registration.
	Registered(api.MachineLabel)
	// Order is called for every new order.
	Order(api.Order)
	// Connected is called when a request succeeded after trouble, and Trouble
	// when one failed, with what to tell a person.
	Connected()
	Trouble(error)
}

// Options are what a Client needs.
type Options struct {
	Params cmdline.Params
	// Nonce names this boot, 32 hex digits; drawn by PID 1, so that an agent
	// that was started again after a crash is the same one to the controller.
	Nonce string
	// Again is set for an agent that was started again in the same boot.
	Again bool
	// Enrol takes the place of the token for an agent that no boot server started;
	// nil for every other.
	Enrol     *api.Enrolment
	Registrar Registrar
	Listener  Listener
	Log       *slog.Logger
}

// Client speaks to the controller. Run must be running for anything to happen.
type Client struct {
	o        Options
	http     *http.Client
	queue    *queue
	progress *latest
	backoff  backoff

	registering sync.Mutex // held while a session is being opened

	mu      sync.Mutex
	session session
	trouble bool
}

// session is an open session.
type session struct {
	id, key string
	opened  int // counts the registrations: the same session opened anew differs
}

// New returns a client. It makes no connection yet.
func New(o Options) (*Client, error) {
	config, err := pinned(o.Params.Pin)
	if err != nil {
		return nil, err
	}
	return &Client{
		o: o, http: httpClient(config), queue: newQueue(), progress: newLatest(),
		backoff: backoff{first: 500 * time.Millisecond, last: 15 * time.Second},
	}, nil
}

// httpClient bounds every wait but the long poll's, which the request bounds.
func httpClient(config *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: 90 * time.Second,
		IdleConnTimeout:       2 * time.Minute,
		MaxIdleConnsPerHost:   3,
	}}
}

// Report queues r; its number and time of day are not the caller's. It does not
// block.
func (c *Client) Report(r api.Report) { c.queue.add(r) }

// Progress replaces what is sent next, about once a second.
func (c *Client) Progress(p api.Progress) { c.progress.set(p) }

// Flush returns when every report queued before the call is on the controller's
// disk.
func (c *Client) Flush(ctx context.Context) error {
	if err := c.queue.drained(ctx); err != nil {
		return fmt.Errorf("wait for the controller to keep the reports: %w", err)
	}
	return nil
}

// Run registers and then sends reports and progress and fetches orders, until
// ctx ends or the controller stops this machine.
func (c *Client) Run(ctx context.Context) error {
	if err := c.register(ctx, c.o.Again, session{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, loop := range []func(context.Context) error{c.sendReports, c.sendProgress, c.fetchOrders} {
		wg.Go(func() { cancel(loop(ctx)) })
	}
	wg.Wait()
	return context.Cause(ctx)
}

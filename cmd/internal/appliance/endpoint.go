package appliance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// stopTime is how long requests under way may take when the controller stops.
const stopTime = 5 * time.Second

// endpoint is one HTTP server on a listener that is bound already.
type endpoint struct {
	name     string
	listener net.Listener
	server   *http.Server
	over     context.CancelFunc // ends streams and long polls
}

// newServer has the timeouts that all our HTTP servers share. A handler that
// streams moves its own deadlines.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // longer than the agent's long poll
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// newEndpoint gives the server's requests a context that ends when it stops. A
// nil certificate means no TLS.
func newEndpoint(name string, l net.Listener, s *http.Server, cert *tls.Certificate) *endpoint {
	ctx, over := context.WithCancel(context.Background())
	s.BaseContext = func(net.Listener) context.Context { return ctx }
	if cert != nil {
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*cert}}
	}
	return &endpoint{name, l, s, over}
}

func (e *endpoint) serve(ctx context.Context) error {
	ctx, failed := context.WithCancel(ctx)
	stopped := make(chan struct{})
	defer func() {
		failed() // of use where the server ended by itself
		<-stopped
	}()
	go func() {
		defer close(stopped)
		<-ctx.Done()
		e.stop(context.WithoutCancel(ctx))
	}()
	var err error
	if e.server.TLSConfig != nil {
		err = e.server.ServeTLS(e.listener, "", "")
	} else {
		err = e.server.Serve(e.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve %s: %w", e.name, err)
}

// stop takes no more requests, ends those that wait for something to happen, and
// lets the others finish.
func (e *endpoint) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	e.server.RegisterOnShutdown(e.over)
	if e.server.Shutdown(ctx) != nil {
		e.server.Close() // what is left after stopTime is cut; nothing of it was acknowledged
	}
}

func (e *endpoint) close() error {
	e.over()
	err := e.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Package appliance wires the controller together: store, images, decisions, the
// bench's servers and the operators' servers. It is what "regain serve" runs.
package appliance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"regain.example/boot/server"
	"regain.example/cmd/internal/config"
	"regain.example/imager/account"
	"regain.example/imager/bolt"
	"regain.example/imager/control"
	"regain.example/imager/metrics"
	"regain.example/imager/tlskey"
	"regain.example/images/catalogue"
)

// The names of what lies in the state directory.
const (
	StoreFile    = "regain.db"
	LeaseFile    = "leases.json"
	SeenFile     = "seen-addresses.json" // bench.mode proxy
	BookFile     = server.DefaultBook
	ImagesDir    = "images"
	BenchKeyFile = "bench-tls.pem"
	AdminKeyFile = "admin-tls.pem"
	ImageKeyFile = "image-signing.key"
	TokenFile    = "metrics-token"
)

// Appliance is a controller with all its servers, not yet serving.
type Appliance struct {
	config   config.Config
	version  string
	log      *slog.Logger
	store    *bolt.Store
	images   *catalogue.Catalogue
	control  *control.Controller
	accounts *account.Service
	metrics  *metrics.Metrics

	benchCert tls.Certificate
	pin       string // of benchCert, told to every agent

	boot   *server.Server
	bench  *endpoint // agent API
	people *endpoint // pages and metrics
	socket *endpoint // command line
}

// New opens and binds everything; nothing is served yet, so that what is missing
// is known before the first machine is answered. built is when the program was
// built.
func New(ctx context.Context, c config.Config, version string, built time.Time, log *slog.Logger) (*Appliance, error) {
	a := &Appliance{config: c, version: version, log: log}
	if err := a.open(ctx, built); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.listen(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *Appliance) state(name string) string { return filepath.Join(a.config.StateDir, name) }

// open opens the store and makes all that decides.
func (a *Appliance) open(ctx context.Context, built time.Time) error {
	if err := os.MkdirAll(a.config.StateDir, 0o700); err != nil {
		return fmt.Errorf("make state directory: %w", err)
	}
	var err error
	if a.store, err = bolt.Open(a.state(StoreFile)); err != nil {
		return err
	}
	secret, err := a.store.Secret("controller", 32)
	if err != nil {
		return err
	}
	if a.benchCert, err = tlskey.Open(a.state(BenchKeyFile), a.config.Bench.Address.Addr().String()); err != nil {
		return err
	}
	if a.pin, err = tlskey.Pin(a.benchCert); err != nil {
		return err
	}
	if a.images, err = OpenCatalogue(a.config.StateDir); err != nil {
		return err
	}
	a.control, err = control.New(ctx, a.store, a.images, renderSeed(a.config.Bench, a.pin), control.Config{
		Secret:       secret,
		Pin:          a.pin,
		Profiles:     a.config.Profiles,
		Protected:    a.config.Protected,
		ImageBaseURL: fmt.Sprintf("http://%s:%d/images/", a.config.Bench.Address.Addr(), a.config.Bench.HTTPPort),
		Grace:        time.Duration(a.config.Bench.SessionGrace),
		Built:        built,
		Now:          time.Now,
		Log:          a.log,
	})
	if err != nil {
		return err
	}
	a.accounts = account.New(a.store, account.DefaultParams(), time.Now)
	a.metrics = metrics.New(a.control, a.version)
	a.metrics.AddRuntime()
	return nil
}

// Announce writes where people find the page, and the link to the first account
// if there is none.
func (a *Appliance) Announce(ctx context.Context, w io.Writer) error {
	if _, err := fmt.Fprintf(w, "Progress page: %s/\n", a.URL()); err != nil {
		return err
	}
	secret, err := a.accounts.Invite(ctx)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(w, "No account exists yet. This link makes the first one; it works once, for %d hours:\n%s/welcome/%s\n",
		int(account.InvitationLife.Hours()), a.URL(), secret)
	return err
}

// URL is that of the progress page, without a slash at its end.
func (a *Appliance) URL() string { return "https://" + a.people.listener.Addr().String() }

// Serve serves until ctx ends; then requests under way may finish for a few
// seconds. If one server fails, all stop.
func (a *Appliance) Serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.boot.Serve(ctx) })
	for _, e := range []*endpoint{a.bench, a.people, a.socket} {
		group.Go(func() error { return e.serve(ctx) })
	}
	group.Go(func() error { return a.metrics.Follow(ctx, a.control) })
	a.log.Info("serving", "interface", a.config.Bench.Interface, "address", a.config.Bench.Address.String(), "page", a.URL())
	return group.Wait()
}

// Close lets go of everything that New took. It comes after Serve, or instead.
func (a *Appliance) Close() error {
	var errs []error
	for _, e := range []*endpoint{a.bench, a.people, a.socket} {
		if e != nil {
			errs = append(errs, e.close())
		}
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

// Package control decides what should happen to each machine. It holds the rules
// of approval, sessions and jobs; what it acknowledges is in its Store first.
//
// Every change reads a machine with its present job, decides, and commits records
// and entries together. What an agent is ordered is computed from these records
// and the clock alone, so that it is the same after a restart.
package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"regain.example/imager"
	"regain.example/imager/token"
	"regain.example/images/manifest"
)

// Images tells about master images.
type Images interface {
	// Manifest returns the manifest whose signature was verified, the hex
	// SHA-256 of its bytes, and the minisign public key that signed it.
	Manifest(name string) (m manifest.Manifest, sha256, publicKey string, err error)
}

// SeedInput is what an installed machine's NoCloud seed is made from.
type SeedInput struct {
	InstanceID string // new for each installation
	Hostname   string
	// CallToken is the one-time token of the first boot; "" if the image
	// asks for the operator's word instead.
	CallToken string
}

// Seed renders the files of a NoCloud seed. The same input gives the same bytes.
type Seed func(SeedInput) (map[string][]byte, error)

// Config is what the controller is told by its administrator.
type Config struct {
	// Secret is the key of boot tokens, session keys and first-boot tokens,
	// at least 32 bytes. It outlives the process.
	Secret   []byte
	Profiles []imager.Profile
	// Protected are the machines and drives that no approval reaches.
	Protected []imager.Protected
	// Pin is that of the agent API's key (cmdline.Params.Pin). Without it no
	// machine that was started from a stick is enrolled.
	Pin string
	// ImageBaseURL is where the bench fetches master images; it ends in "/".
	ImageBaseURL string
	// Grace is how long a superseded session must have been silent before
	// its successor is ordered to destroy anything; 0 means 30 seconds.
	Grace time.Duration
	// TokenLife is how long a boot may take to register; 0 means 2 hours.
	TokenLife time.Duration
	// MaxStrangers bounds the machines that were never approved; 0 means 256.
	MaxStrangers int
	// Built is when this program was built; a clock before it is unset.
	Built time.Time
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger
}

// The times that rule a job and its sessions.
const (
	approvalLife = 12 * time.Hour
	// againLife is how old a boot's token may be when a controller that lost
	// the session asks for a new registration amid the work.
	againLife = 72 * time.Hour
	// onlineFor is how long after its last word a session counts as online.
	onlineFor = 30 * time.Second
	// offsetEvery is how often a job's offsets go to disk.
	offsetEvery = time.Minute
)

// Controller implements imager.Operator, and what the agent API and the boot
// server ask. Its methods may be called by several goroutines.
type Controller struct {
	cfg    Config
	store  Store
	images Images
	seed   Seed
	tokens *token.Issuer
	clock  *clock
	now    *present
	// boots are the machines that the boot servers see.
	boots *boots
	// attempts are the boots that did not reach the agent.
	attempts *attempts

	strangers bucket  // registrations of machines not met before
	returns   buckets // registrations of each machine that is known
	codes     buckets // codes typed for each machine
	locks     keyedLocks
}

var _ imager.Operator = (*Controller)(nil)

// New returns a controller over store. images and seed may be nil if no profile
// has an image.
func New(ctx context.Context, store Store, images Images, seed Seed, cfg Config) (*Controller, error) {
	cfg.Grace = withDefault(cfg.Grace, 30*time.Second)
	cfg.TokenLife = withDefault(cfg.TokenLife, 2*time.Hour)
	cfg.MaxStrangers = withDefault(cfg.MaxStrangers, 256)
	tokens, err := token.New(cfg.Secret, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("controller: %w", err)
	}
	for _, p := range cfg.Profiles {
		if err := checkProfile(p, images, seed); err != nil {
			return nil, fmt.Errorf("profile %q: %w", p.Name, err)
		}
	}
	all, err := store.Machines(ctx)
	if err != nil {
		return nil, fmt.Errorf("controller: %w", err)
	}
	var latest time.Time
	for _, m := range all {
		latest = later(latest, m.LastSeen)
	}
	c := &Controller{
		cfg: cfg, store: store, images: images, seed: seed, tokens: tokens,
		clock: newClock(cfg.Now, cfg.Built, latest, cfg.Log),
	}
	c.now, c.boots, c.attempts = newPresent(c.clock.now()), newBoots(), newAttempts()
	c.strangers = bucket{per: time.Second, burst: 64}
	c.returns = buckets{per: 10 * time.Second, burst: 12}
	c.codes = buckets{per: 5 * time.Second, burst: imager.MaxWrongCodes}
	return c, nil
}

// checkProfile refuses what could only fail later, at the bench.
func checkProfile(p imager.Profile, images Images, seed Seed) error {
	switch {
	case p.Name == "":
		return errors.New("it has no name")
	case p.Image != "" && (images == nil || seed == nil):
		return errors.New("it has an image, and this controller serves none")
	case p.CountdownSeconds < 0:
		return errors.New("countdown_seconds is negative")
	}
	return nil
}

func (c *Controller) profile(name string) (imager.Profile, error) {
	i := slices.IndexFunc(c.cfg.Profiles, func(p imager.Profile) bool { return p.Name == name })
	if i < 0 {
		return imager.Profile{}, fmt.Errorf("profile %q: %w: choose one of the configuration file", name, imager.ErrNotFound)
	}
	return c.cfg.Profiles[i], nil
}

func withDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Package control decides what should happen to each machine. It holds the rules
// of approval, sessions and jobs; what it acknowledges is in its Store first.
package control

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
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
	InstanceID string // the job's ID: new for each job
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

// BootClient is what a machine's firmware or boot loader says of itself.
type BootClient struct {
	MAC    string // lower case with colons
	UUID   string // text form; "" if not told
	Serial string
	Arch   string
	Addr   netip.Addr
}

// BootAction is what a machine is given to boot.
type BootAction int

// The actions.
const (
	BootNone BootAction = iota
	BootAgent
	BootLocalDisk
)

// BootDecision answers a boot client.
type BootDecision struct {
	Action BootAction
	Token  string // BootAgent only
	Reason string // for people
}

var _ imager.Operator = (*Controller)(nil)

var errThin = errors.New("not built yet")

// Controller implements imager.Operator, and what the agent API and the boot
// server ask.
type Controller struct{ cfg Config }

// New returns a controller over store.
func New(ctx context.Context, store Store, images Images, seed Seed, cfg Config) (*Controller, error) {
	return nil, errThin
}

// Register opens a session.
func (c *Controller) Register(ctx context.Context, r api.RegisterRequest) (api.RegisterReply, error) {
	return api.RegisterReply{}, errThin
}

// Authorize checks a session's bearer key.
func (c *Controller) Authorize(ctx context.Context, session, key string) error { return errThin }

// NextOrder returns the session's order as soon as its revision is not after,
// or when ctx ends or wait has passed.
func (c *Controller) NextOrder(ctx context.Context, session string, after uint64, wait time.Duration) (api.Order, error) {
	return api.Order{}, errThin
}

// Report applies reports and returns the highest durable sequence number.
func (c *Controller) Report(ctx context.Context, session string, r []api.Report) (uint64, error) {
	return 0, errThin
}

// Progress takes note of how far a session's work has come.
func (c *Controller) Progress(ctx context.Context, session string, p api.Progress) error {
	return errThin
}

// FirstBoot takes the one call of an installed machine.
func (c *Controller) FirstBoot(ctx context.Context, token string, call api.FirstBoot) error {
	return errThin
}

// BootDecision says what a machine boots.
func (c *Controller) BootDecision(ctx context.Context, b BootClient) (BootDecision, error) {
	return BootDecision{}, errThin
}

// BootStage takes note of how far a machine's boot has come.
func (c *Controller) BootStage(b BootClient, stage string) {}

// Machines implements imager.Operator.
func (c *Controller) Machines(ctx context.Context) ([]imager.View, error) { return nil, errThin }

// Machine implements imager.Operator.
func (c *Controller) Machine(ctx context.Context, number int) (imager.View, error) {
	return imager.View{}, errThin
}

// Profiles implements imager.Operator.
func (c *Controller) Profiles(ctx context.Context) ([]imager.Profile, error) {
	return c.cfg.Profiles, nil
}

// Approve implements imager.Operator.
func (c *Controller) Approve(ctx context.Context, actor string, a imager.Approval) (imager.Job, error) {
	return imager.Job{}, errThin
}

// Stop implements imager.Operator.
func (c *Controller) Stop(ctx context.Context, actor string, machine int, reason string) error {
	return errThin
}

// Retry implements imager.Operator.
func (c *Controller) Retry(ctx context.Context, actor string, machine int) error { return errThin }

// Release implements imager.Operator.
func (c *Controller) Release(ctx context.Context, actor string, machine int) error { return errThin }

// Confirm implements imager.Operator.
func (c *Controller) Confirm(ctx context.Context, actor string, machine int) error { return errThin }

// Watch implements imager.Operator.
func (c *Controller) Watch(ctx context.Context) <-chan int { return nil }

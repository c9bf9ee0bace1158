package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/identity"
)

// registrations is the lock of all registrations: they give numbers to machines.
const registrations = 0

// Register opens a session for one boot of a machine. The same registration sent
// again gives the same session. Errors wrap imager.ErrVersion, ErrInvalid,
// ErrToken, ErrStopped, ErrBusy or ErrStorage.
func (c *Controller) Register(ctx context.Context, r api.RegisterRequest) (api.RegisterReply, error) {
	if r.Version != api.Version && r.Version != api.Version-1 || r.Version < 1 {
		return api.RegisterReply{}, fmt.Errorf("%w: the agent speaks version %d, this controller %d: restart the machine so that it fetches the agent again", imager.ErrVersion, r.Version, api.Version)
	}
	if err := checkRequest(r); err != nil {
		return api.RegisterReply{}, err
	}
	if err := c.checkToken(r); err != nil {
		return api.RegisterReply{}, err
	}
	c.attempts.registered(r.Inventory)
	unlock, err := c.locks.lock(ctx, registrations)
	if err != nil {
		return api.RegisterReply{}, err
	}
	defer unlock()
	sum := bootSum(r)
	before, err := c.store.SessionByToken(ctx, sum[:])
	switch {
	case errors.Is(err, imager.ErrNotFound):
		return c.meet(ctx, r, sum[:], nil)
	case err != nil:
		return api.RegisterReply{}, err
	case !sameEnrolment(before.Enrol, r.Enrol):
		return api.RegisterReply{}, fmt.Errorf("register: %w: another proof for the same code", imager.ErrToken)
	case before.Nonce != r.Nonce:
		return api.RegisterReply{}, c.halt(ctx, before.Machine, &before, "the token of one boot was used twice")
	case before.Stopped != "":
		return api.RegisterReply{}, stopped(before)
	case before.Superseded.IsZero() && (!r.Again || before.Durable == 0):
		return c.reply(ctx, before)
	}
	return c.meet(ctx, r, sum[:], &before)
}

func (c *Controller) checkToken(r api.RegisterRequest) error {
	if r.Enrol != nil {
		return c.checkEnrolment(r)
	}
	life := c.cfg.TokenLife
	if r.Again {
		life = againLife
	}
	boot, err := c.tokens.Open(r.Token, life)
	if err == nil {
		err = boot.Check(r.Inventory)
	}
	if err != nil {
		return fmt.Errorf("register: %w: %w", imager.ErrToken, err)
	}
	return nil
}

// reply names a session that exists.
func (c *Controller) reply(ctx context.Context, s imager.Session) (api.RegisterReply, error) {
	m, err := c.store.Machine(ctx, s.Machine)
	if err != nil {
		return api.RegisterReply{}, err
	}
	c.now.heard(s.ID, c.clock.now())
	c.boots.reached(m.Inventory.NICs)
	return api.RegisterReply{
		Version: api.Version, Session: s.ID, Key: c.sessionKey(s.ID), Durable: s.Durable, Machine: label(m),
	}, nil
}

func label(m imager.Machine) api.MachineLabel {
	return api.MachineLabel{Number: m.Number, Name: m.Name()}
}

// meet finds the machine of a registration, or makes one, and opens a session.
// same is the session that this very process had before, if any.
func (c *Controller) meet(ctx context.Context, r api.RegisterRequest, tokenSum []byte, same *imager.Session) (api.RegisterReply, error) {
	all, err := c.store.Machines(ctx)
	if err != nil {
		return api.RegisterReply{}, err
	}
	known := make([]identity.Known, len(all))
	for i, m := range all {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	who := identity.Decide(r.Inventory, known)
	if who.Number == 0 {
		return c.stranger(ctx, r, tokenSum, who, all)
	}
	if !c.returns.take(who.Number, c.clock.now()) {
		return api.RegisterReply{}, fmt.Errorf("register: %w: machine %d registers again and again", imager.ErrBusy, who.Number)
	}
	s := c.newSession(r, who.Number, tokenSum)
	if same != nil && same.Enrol != nil {
		s.Enrol = same.Enrol // one code for one boot, whatever became of it so far
	}
	err = c.change(ctx, who.Number, func(w *work) error { return c.comeBack(ctx, w, r, s, same, who) })
	if err != nil {
		return api.RegisterReply{}, err
	}
	return c.reply(ctx, s)
}

func (c *Controller) newSession(r api.RegisterRequest, machine int, tokenSum []byte) imager.Session {
	id := draw(16)
	keySum := sha256.Sum256([]byte(c.sessionKey(hex.EncodeToString(id))))
	return imager.Session{
		ID: hex.EncodeToString(id), Machine: machine, KeyHash: keySum[:],
		Nonce: r.Nonce, Token: tokenSum, Began: c.clock.now(),
		Enrol: enrolment(r),
	}
}

package control

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"regain.example/imager"
)

// draw returns n random bytes.
func draw(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, by its documentation
	return b
}

// mac derives what belongs to subject from the controller's secret.
func (c *Controller) mac(purpose, subject string) []byte {
	h := hmac.New(sha256.New, c.cfg.Secret)
	h.Write([]byte("regain " + purpose + " 1\x00" + subject))
	return h.Sum(nil)
}

// sessionKey is derived, so that a lost reply can be given again although only
// its hash is kept.
func (c *Controller) sessionKey(id string) string {
	return base64.RawURLEncoding.EncodeToString(c.mac("session", id))
}

// Authorize checks that key opens the session, and takes note that it spoke. A
// superseded session that speaks is a second live session for one machine: both
// are stopped. Errors wrap imager.ErrSession, ErrStopped or ErrStorage.
func (c *Controller) Authorize(ctx context.Context, session, key string) error {
	if len(session) != 32 || !isHex(session) {
		return fmt.Errorf("%w: register again", imager.ErrSession)
	}
	s, err := c.store.Session(ctx, session)
	if errors.Is(err, imager.ErrNotFound) {
		return fmt.Errorf("%w: register again", imager.ErrSession)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(key))
	if subtle.ConstantTimeCompare(sum[:], s.KeyHash) != 1 {
		return fmt.Errorf("%w: the key is another's", imager.ErrSession)
	}
	switch {
	case s.Stopped != "":
		return stopped(s)
	case !s.Superseded.IsZero() && s.Left:
		return fmt.Errorf("%w: it is at its end, register again", imager.ErrSession)
	case !s.Superseded.IsZero():
		return c.halt(ctx, s.Machine, &s, "two sessions speak for this machine at once")
	}
	c.now.heard(s.ID, c.clock.now())
	return nil
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

// live reads the session in whose name an authorized request is served.
func (c *Controller) live(ctx context.Context, id string) (imager.Session, error) {
	s, err := c.store.Session(ctx, id)
	switch {
	case errors.Is(err, imager.ErrNotFound):
		return s, fmt.Errorf("%w: register again", imager.ErrSession)
	case err != nil:
		return s, err
	case s.Stopped != "":
		return s, stopped(s)
	}
	return s, nil
}

// speaks reports an error unless id is the session that speaks for the machine.
func (w *work) speaks(id string) error {
	switch {
	case w.s == nil || w.s.ID != id:
		return fmt.Errorf("%w: another session speaks for this machine", imager.ErrSession)
	case w.s.Stopped != "":
		return stopped(*w.s)
	}
	return nil
}

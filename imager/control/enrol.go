package control

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/enrol"
)

// bootSum tells one boot of a machine from every other: the SHA-256 of its token,
// or of the nonce that came with its code.
func bootSum(r api.RegisterRequest) [sha256.Size]byte {
	if r.Enrol == nil {
		return sha256.Sum256([]byte(r.Token))
	}
	return sha256.Sum256(append([]byte("regain enrolment nonce\x00"), r.Enrol.Nonce...))
}

// checkEnrolment lets a machine register that no boot server started. It proves
// nothing yet: until its code is typed, it is given nothing to do.
func (c *Controller) checkEnrolment(r api.RegisterRequest) error {
	switch {
	case c.cfg.Pin == "":
		return fmt.Errorf("register: %w: this controller enrols no machine from a stick: start it from the network", imager.ErrToken)
	case r.Token != "":
		return fmt.Errorf("register: %w: both a token and a code", imager.ErrInvalid)
	case len(r.Enrol.Nonce) != api.EnrolNonceBytes || len(r.Enrol.Proof) != sha256.Size:
		return fmt.Errorf("register: %w: nonce or proof of the code have another length", imager.ErrInvalid)
	}
	return nil
}

func enrolment(r api.RegisterRequest) *imager.Enrol {
	if r.Enrol == nil {
		return nil
	}
	return &imager.Enrol{Nonce: r.Enrol.Nonce, Proof: r.Enrol.Proof}
}

// sameEnrolment reports whether a registration of the same boot carries the proof
// of the one before it.
func sameEnrolment(before *imager.Enrol, now *api.Enrolment) bool {
	if before == nil || now == nil {
		return before == nil && now == nil
	}
	return hmac.Equal(before.Proof, now.Proof)
}

// unproven reports whether the session still waits for the code on its machine's
// screen. It is given no order but to wait.
func (w *work) unproven() bool {
	if w.s == nil {
		return false
	}
	state := w.s.Enrol.State()
	return state != imager.EnrolNone && state != imager.EnrolDone
}

// EnterCode implements imager.Operator. The session's answer is on disk before it
// returns: a controller that is started again need not be told the code again.
func (c *Controller) EnterCode(ctx context.Context, actor string, machine int, code string) error {
	w, err := c.read(ctx, machine)
	if err != nil {
		return err
	}
	fail := func(kind error, why string) error {
		return fmt.Errorf("code of machine %d: %w: %s", machine, kind, why)
	}
	switch {
	case w.s == nil || w.s.Enrol == nil:
		return fail(imager.ErrConflict, "it shows no code: the boot server started it")
	case w.s.Enrol.State() == imager.EnrolDone:
		return nil
	case !c.codes.take(machine, w.now):
		return fail(imager.ErrConflict, "too many codes at once: wait some seconds")
	}
	// Stretching the code takes time: not under the machine's lock.
	answer, wrong := enrol.Check(code, api.Enrolment{Nonce: w.s.Enrol.Nonce, Proof: w.s.Enrol.Proof}, c.cfg.Pin)
	if wrong != nil && !errors.Is(wrong, enrol.ErrCode) {
		return fail(imager.ErrInvalid, wrong.Error())
	}
	session, left := w.s.ID, 0
	err = c.change(ctx, machine, func(w *work) error {
		switch {
		case w.s == nil || w.s.ID != session:
			return fail(imager.ErrConflict, "it registered again meanwhile: look at its screen and type the code that it shows now")
		case !w.unproven():
			wrong = nil
			return nil
		case w.s.Enrol.State() == imager.EnrolClosed:
			return fail(imager.ErrConflict, closedText)
		}
		left = w.tryCode(actor, answer)
		return nil
	})
	switch {
	case err != nil:
		return err
	case wrong != nil && left == 0:
		return fail(imager.ErrInvalid, wrong.Error()+". "+closedText)
	case wrong != nil:
		return fail(imager.ErrInvalid, fmt.Sprintf("%s; %d tries are left. If it is typed as it is shown, there is a foreign device between the machine and this controller: approve nothing", wrong, left))
	}
	return nil
}

// tryCode records a code that was typed, and returns how many tries are left. A nil
// answer is that to a wrong code.
func (w *work) tryCode(actor string, answer []byte) (left int) {
	e := *w.s.Enrol
	w.s.Enrol = &e
	if answer != nil {
		e.Wrong, e.Answer = 0, answer
		w.say(actor, "typed the code on its screen")
		return imager.MaxWrongCodes
	}
	e.Wrong++
	w.say(actor, "typed a wrong code, %d in a row", e.Wrong)
	return imager.MaxWrongCodes - e.Wrong
}

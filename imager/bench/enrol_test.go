package bench_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

const (
	benchPin   = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	foreignPin = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
	screenCode = "7K3MQ9XT"
)

// stick is an agent that no boot server started. It shows screenCode, and sees a
// controller with the key of pin.
func (r *rig) stick(pin string) *agent {
	r.t.Helper()
	a := r.unregistered(pin)
	a.must(a.enrolAs(false))
	return a
}

func (r *rig) unregistered(pin string) *agent {
	r.t.Helper()
	if r.config.Pin == "" {
		r.config.Pin = benchPin
		r.restart()
	}
	a := &agent{rig: r, inv: inventory(drive(0))}
	nonces++
	nonce := binary.BigEndian.AppendUint64(make([]byte, 8), nonces)
	a.nonce = hex.EncodeToString(nonce)
	key, err := api.CodeKey(screenCode, nonce)
	if err != nil {
		r.t.Fatal(err)
	}
	a.enrol = &api.Enrolment{Nonce: nonce, Proof: api.AgentProof(key, pin)}
	a.answer = api.ControllerProof(key, pin)
	return a
}

func (a *agent) enrolAs(again bool) error {
	return a.registerAs(api.RegisterRequest{Version: api.Version, Nonce: a.nonce, Inventory: a.inv, Enrol: a.enrol, Again: again})
}

// approveWith approves with what a person typed.
func (r *rig) approveWith(code string) error {
	a := r.approval(1, "erase")
	a.Code = code
	_, err := r.c.Approve(r.t.Context(), "alice", a)
	return err
}

// wants fails unless the approval is refused with this error and these words, and
// there is no job.
func (r *rig) wants(code string, want error, says string) {
	r.t.Helper()
	if err := r.approveWith(code); !errors.Is(err, want) || !strings.Contains(err.Error(), says) {
		r.t.Fatalf("code %q: %v, want %v with %q", code, err, want, says)
	}
	if j := r.view(1).Job; j != nil {
		r.t.Fatalf("code %q: it has the job %+v", code, j)
	}
}

// TestEnrolment: the code on the screen is needed for the approval, and the orders
// then carry the controller's proof.
func TestEnrolment(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.stick(benchPin)
		if o := a.order(api.OrderWait); o.Proof != nil || !strings.Contains(o.Message, "type the code") {
			t.Errorf("before the code: %+v", o)
		}
		if v := r.view(1); v.Enrolment != imager.EnrolCode || !strings.Contains(v.Waiting, "code on its screen") {
			t.Errorf("enrolment %q, waits for %q", v.Enrolment, v.Waiting)
		}
		r.wants("", imager.ErrConflict, "type the code")
		r.wants("7K3M-Q9X", imager.ErrInvalid, "8 letters and digits")
		r.wants("7K3M-Q9XU", imager.ErrInvalid, "8 letters and digits") // no U in the alphabet
		r.wants("8K3M-Q9XT", imager.ErrInvalid, "4 tries are left")
		if err := r.approveWith(" 7k3m q9xt "); err != nil {
			t.Fatal(err)
		}
		if o := a.order(api.OrderErase); !bytes.Equal(o.Proof, a.answer) {
			t.Errorf("the order's proof is %x, want %x", o.Proof, a.answer)
		}
		if v := r.view(1); v.Enrolment != imager.EnrolDone {
			t.Errorf("enrolment %q", v.Enrolment)
		}
	})
}

// TestManInTheMiddle: an agent that sees another key than ours is not approved with
// the right code, and our orders hold nothing that the one in the middle could use.
func TestManInTheMiddle(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.stick(foreignPin)
		r.wants(screenCode, imager.ErrInvalid, "foreign device")
		if o := a.order(api.OrderWait); o.Proof != nil {
			t.Errorf("order %+v", o)
		}
	})
}

// TestWrongCodes: five wrong codes in a row end the chance of this boot, also over a
// restart of the controller and a new registration; the next boot has its own.
func TestWrongCodes(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.stick(benchPin)
		for range imager.MaxWrongCodes - 1 {
			r.wants("00000000", imager.ErrInvalid, "left")
			time.Sleep(time.Minute)
		}
		r.restart()
		a.must(a.send(api.Report{Kind: api.ReportTrouble, Message: "crashed"})) // else it is the same session again
		a.must(a.enrolAs(true))
		r.wants("00000000", imager.ErrInvalid, "restart the machine")
		time.Sleep(time.Minute)
		r.wants(screenCode, imager.ErrConflict, "restart the machine")
		a.must(a.enrolAs(true))
		r.wants(screenCode, imager.ErrConflict, "restart the machine")
		r.wants("", imager.ErrConflict, "restart the machine")
		if o := a.order(api.OrderWait); !strings.Contains(o.Message, "Restart it") {
			t.Errorf("the screen says %q", o.Message)
		}
		time.Sleep(time.Minute)
		b := r.stick(benchPin)
		b.must(r.approveWith(screenCode))
		time.Sleep(time.Minute)
		b.order(api.OrderErase)
	})
}

// TestCodesAreLimited: codes are not tried faster than a person types, also over
// restarts of the machine.
func TestCodesAreLimited(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.stick(benchPin)
		for range imager.MaxWrongCodes - 1 {
			r.wants("00000000", imager.ErrInvalid, "left")
		}
		r.stick(benchPin)
		r.wants("00000000", imager.ErrInvalid, "left")
		r.wants(screenCode, imager.ErrConflict, "too many codes")
		time.Sleep(10 * time.Second)
		if err := r.approveWith(screenCode); err != nil {
			t.Error(err)
		}
	})
}

// TestOneCodeOneBoot: the controller may restart, and the agent crash, without
// another question; a new boot amid the job needs its own code before the work goes
// on.
func TestOneCodeOneBoot(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.stick(benchPin)
		a.must(r.approveWith(screenCode))
		a.order(api.OrderErase)
		r.restart()
		a.must(a.enrolAs(true))
		if o := a.order(api.OrderErase); !bytes.Equal(o.Proof, a.answer) {
			t.Error("the proof was lost with the controller's process")
		}
		time.Sleep(time.Minute)
		b := r.stick(benchPin)
		time.Sleep(time.Minute)
		if o := b.order(api.OrderWait); o.Proof != nil {
			t.Error("a new boot was given the proof of the one before")
		}
		if v := r.view(1); v.Job.Session == v.Machine.Session {
			t.Error("the job went on in a session that nobody has proved")
		}
		if v := r.view(1); v.Enrolment != imager.EnrolCode || !strings.Contains(v.Waiting, "code on its screen") {
			t.Errorf("enrolment %q, waits for %q", v.Enrolment, v.Waiting)
		}
		if err := r.c.EnterCode(t.Context(), "alice", 1, screenCode); err != nil {
			t.Fatal(err)
		}
		if o := b.order(api.OrderErase); !bytes.Equal(o.Proof, b.answer) {
			t.Error("no proof for the new boot")
		}
	})
}

// TestUnprovenTakesNothingOver: a registration without a token that says it is amid
// the work of a machine's job does not get that job.
func TestUnprovenTakesNothingOver(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.config.Pin = benchPin
		r.restart()
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		a.order(api.OrderErase)
		job := r.view(1).Job
		time.Sleep(time.Hour)
		thief := r.unregistered(benchPin)
		thief.must(thief.registerAs(api.RegisterRequest{Version: api.Version, Nonce: thief.nonce, Inventory: thief.inv,
			Enrol: thief.enrol, Again: true, Holds: []api.DriveID{drive(0).ID()}}))
		if got := r.view(1).Job; got.Session != job.Session {
			t.Errorf("the job went from session %s to %s", job.Session, got.Session)
		}
		if err := thief.send(report(job.ID, evidence(drive(0)))); err == nil && r.view(1).Job.Drives[0].Outcome == imager.OutcomeErased {
			t.Error("evidence of an unproven session was accepted")
		}
	})
}

// TestEnrolmentRefused: what is no enrolment, and a second proof for one code.
func TestEnrolmentRefused(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.stick(benchPin)
		other := *a.enrol
		other.Proof = bytes.Repeat([]byte{1}, 32)
		short := api.Enrolment{Nonce: a.enrol.Nonce[:8], Proof: a.enrol.Proof}
		for name, test := range map[string]struct {
			q    api.RegisterRequest
			want api.Code
		}{
			"another proof":  {api.RegisterRequest{Enrol: &other, Nonce: a.nonce}, api.CodeToken},
			"short nonce":    {api.RegisterRequest{Enrol: &short, Nonce: a.nonce}, api.CodeBadRequest},
			"no proof":       {api.RegisterRequest{Enrol: &api.Enrolment{Nonce: a.enrol.Nonce}, Nonce: a.nonce}, api.CodeBadRequest},
			"token and code": {api.RegisterRequest{Enrol: a.enrol, Nonce: a.nonce, Token: "x"}, api.CodeBadRequest},
		} {
			t.Log(name)
			test.q.Version, test.q.Inventory = api.Version, a.inv
			refused(t, a.registerAs(test.q), test.want)
		}
		refused(t, a.registerAs(api.RegisterRequest{Version: api.Version, Inventory: a.inv, Enrol: a.enrol, Nonce: strings.Repeat("e", 32)}), api.CodeStopped)
		r.config.Pin = ""
		r.restart()
		refused(t, a.enrolAs(false), api.CodeToken)
	})
}

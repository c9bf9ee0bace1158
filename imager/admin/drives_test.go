package admin_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// workshop has machines in the states of erasing, too.
func workshop() *imagertest.Operator {
	return imagertest.New(imagertest.At, imagertest.Profiles(), append(imagertest.Bench(), imagertest.Erasures()...)...)
}

func TestWithdrawAndDestroy(t *testing.T) {
	c, _ := start(t, workshop())
	ctx := t.Context()
	if all, err := c.Withdrawn(ctx); err != nil || all == nil || len(all) != 0 {
		t.Fatalf("before any: %v, %v", all, err)
	}
	if _, err := c.Withdraw(ctx, imager.Withdrawn{Machine: 16, Serial: "S4GENX0NA00016"}); !errors.Is(err, imager.ErrInvalid) {
		t.Errorf("without a seal: %v, want ErrInvalid", err)
	}
	made, err := c.Withdraw(ctx, imager.Withdrawn{Machine: 16, Serial: "S4GENX0NA00016", Seal: "A-1", By: "somebody else"})
	if err != nil {
		t.Fatal(err)
	}
	if made.ID == "" || made.Model == "" || !strings.HasPrefix(made.By, "local:") {
		t.Errorf("declared %+v; the model is the job's, the person the socket's", made)
	}
	if err := c.Destroyed(ctx, made.ID, imager.Destruction{Who: "us"}); !errors.Is(err, imager.ErrInvalid) {
		t.Errorf("without saying how: %v, want ErrInvalid", err)
	}
	if err := c.Destroyed(ctx, "nothing", imager.Destruction{Who: "us", How: "shredded"}); !errors.Is(err, imager.ErrNotFound) {
		t.Errorf("unknown drive: %v, want ErrNotFound", err)
	}
	if err := c.Destroyed(ctx, made.ID, imager.Destruction{Who: "us", How: "shredded", By: "somebody else"}); err != nil {
		t.Fatal(err)
	}
	all, err := c.Withdrawn(ctx)
	if err != nil || len(all) != 1 || all[0].Destroyed == nil || !strings.HasPrefix(all[0].Destroyed.By, "local:") {
		t.Errorf("after its end: %+v, %v", all, err)
	}
}

func TestEvidence(t *testing.T) {
	op := workshop()
	c, _ := start(t, op)
	v, err := op.Machine(t.Context(), 14)
	if err != nil {
		t.Fatal(err)
	}
	sum := v.Job.Drives[0].EvidenceFile
	want, err := op.Evidence(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Evidence(t.Context(), sum); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v; want the %d that were received", len(got), err, len(want))
	}
	if _, err := c.Evidence(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, imager.ErrNotFound) {
		t.Errorf("unknown evidence: %v, want ErrNotFound", err)
	}
	if _, err := c.Evidence(t.Context(), "../../etc/passwd"); err == nil {
		t.Error("a path was taken for a hash")
	}
}

// damaged hands out other bytes than the hash says.
type damaged struct{ *imagertest.Operator }

func TestDamagedEvidenceIsNotTaken(t *testing.T) {
	c, _ := start(t, damaged{workshop()})
	if _, err := c.Evidence(t.Context(), strings.Repeat("a", 64)); err == nil || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("damaged evidence: %v", err)
	}
}

// Evidence implements imager.Operator.
func (damaged) Evidence(context.Context, string) ([]byte, error) { return []byte("{}"), nil }

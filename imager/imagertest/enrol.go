package imagertest

import (
	"context"
	"fmt"

	"regain.example/imager"
)

// Code is on the screen of every machine that was started from a stick.
const Code = "7K3M-Q9XT"

// EnterCode implements imager.Operator.
func (o *Operator) EnterCode(ctx context.Context, actor string, n int, code string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(n)
	if err != nil {
		return err
	}
	return o.enter(&v, actor, code)
}

func (o *Operator) enter(v *imager.View, actor, code string) error {
	switch {
	case v.Enrolment != imager.EnrolCode:
		return fmt.Errorf("machine %d waits for no code: %w", v.Machine.Number, imager.ErrConflict)
	case code != Code:
		return fmt.Errorf("machine %d: %w: this is not the code on its screen", v.Machine.Number, imager.ErrInvalid)
	}
	v.Enrolment = imager.EnrolDone
	o.note(v, actor, "typed the code on the screen")
	return nil
}

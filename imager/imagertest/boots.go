package imagertest

import (
	"context"

	"regain.example/imager"
)

// Boots implements imager.Operator.
func (o *Operator) Boots(context.Context) (imager.Boots, error) { return imager.Boots{}, nil }

// BootAgain implements imager.Operator.
func (o *Operator) BootAgain(_ context.Context, actor, mac string) error { return nil }

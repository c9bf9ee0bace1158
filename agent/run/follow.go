package run

import (
	"context"
	"errors"

	"regain.example/agent/console"
)

// Follow runs the link and follows the orders that it brings, until the machine
// leaves or ctx ends. If the controller stopped this machine, all work ends and
// the screen says so; the error is the link's.
func (a *Agent) Follow(ctx context.Context, link func(context.Context) error) error {
	a.display.message("Registering", "Telling the controller about this machine.")
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cancel(link(ctx))
	}()
	err := a.Run(ctx)
	cancel(err)
	<-ended
	if errors.Is(err, errLeaving) {
		return nil
	}
	a.display.bars(nil)
	a.display.scene(console.Red, "Stopped by the controller", console.Sentence(err))
	return err
}

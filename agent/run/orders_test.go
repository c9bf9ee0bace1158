package run

import (
	"context"
	"errors"
	"testing"
)

// Work is either dropped or begun, never both.
func TestBeginOrWithdraw(t *testing.T) {
	for range 1000 {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := &work{cancel: cancel}
		done := make(chan struct{})
		go func() { defer close(done); w.withdraw() }()
		err := w.begin(ctx)
		<-done
		if (err == nil) != (ctx.Err() == nil) || err != nil && !errors.Is(err, errNewer) {
			t.Fatalf("begun: %v, dropped: %v", err, ctx.Err())
		}
	}
}

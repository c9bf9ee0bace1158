package install

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// outage is how long an unreachable server is waited for: longer than a
	// controller needs to restart, even with a person on the way to it.
	outage = 15 * time.Minute
	// wrongAnswers is how often a wrong answer is asked for again: it may be
	// the wire's fault once, not always.
	wrongAnswers = 3

	firstWait = 250 * time.Millisecond
	maxWait   = 10 * time.Second
)

// backoff decides whether something is tried again, and waits before it is. The
// zero value is ready; reset it after each success.
type backoff struct {
	since time.Time // of the first failure since the last success
	tries int
	wrong int
}

func (b *backoff) reset() { *b = backoff{} }

// wait returns nil when it is time to try again, or why there is no sense in it.
func (b *backoff) wait(ctx context.Context, err error) error {
	var drive *DriveError
	if errors.As(err, &drive) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if b.since.IsZero() {
		b.since = time.Now()
	}
	if errors.Is(err, errReply) {
		if b.wrong++; b.wrong > wrongAnswers {
			return err
		}
	} else if time.Since(b.since) >= outage {
		return fmt.Errorf("%w for %v (last: %w): check that the controller runs and that the network cable is in, then try again",
			ErrUnreachable, outage, err)
	}
	pause := min(firstWait<<min(b.tries, 10), maxWait)
	b.tries++
	pause = pause/2 + rand.N(pause/2+1) // benches that failed together come back apart
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

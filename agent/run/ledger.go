package run

import (
	"context"
	"sync"
	"time"

	"regain.example/agent/api"
)

// askAgain is how long a controller that registered this agent anew may take to
// send the seeds. One that was restored from a backup knows nothing of the
// completion, and is told again.
const askAgain = time.Minute

// ledger is the erase.Journaler of one job: it tells the controller by reports,
// and is answered by orders.
type ledger struct {
	a   *Agent
	job string

	mu        sync.Mutex
	completed map[api.DriveID]api.JournalEntry
}

func (a *Agent) ledger(job string) *ledger {
	return &ledger{a: a, job: job, completed: map[api.DriveID]api.JournalEntry{}}
}

// Journal implements erase.Journaler.
func (l *ledger) Journal(ctx context.Context, drive api.DriveID, step api.JournalEntry) error {
	if step.Stage == api.StageCompleted {
		l.a.seeds.spend(drive) // one that is known already is no surprise to the drive
		l.mu.Lock()
		l.completed[drive] = step
		l.mu.Unlock()
	}
	l.tell(drive, step)
	if step.Stage == api.StageOffset {
		return nil
	}
	return l.a.link.Flush(ctx)
}

func (l *ledger) tell(drive api.DriveID, step api.JournalEntry) {
	l.a.report(api.Report{Kind: api.ReportJournal, Job: l.job, Drive: drive, Journal: &step})
}

// SampleSeed implements erase.Journaler. It waits for as long as it takes.
func (l *ledger) SampleSeed(ctx context.Context, drive api.DriveID) ([]byte, error) {
	told := l.a.registrations.Load()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		seed, changed := l.a.seeds.use(drive)
		if seed != nil {
			return seed, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-changed:
		case <-again.C:
			if now := l.a.registrations.Load(); now != told {
				told = now
				l.mu.Lock()
				l.tell(drive, l.completed[drive])
				l.mu.Unlock()
			}
		}
	}
}

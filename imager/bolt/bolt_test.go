package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"regain.example/imager"
	"regain.example/imager/control"
)

// store opens a store that is checked and closed after the test.
func store(t *testing.T) *Store {
	t.Helper()
	return reopen(t, filepath.Join(t.TempDir(), "regain.db"))
}

func reopen(t *testing.T, file string) *Store {
	t.Helper()
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { finish(t, s) })
	return s
}

func finish(t *testing.T, s *Store) {
	t.Helper()
	if s.db.Path() == "" {
		return // closed by the test
	}
	if err := errors.Join(s.Check(), s.Close()); err != nil {
		t.Error(err)
	}
}

func commit(t *testing.T, s *Store, c control.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func machine(n int) *imager.Machine { return &imager.Machine{Number: n} }

func entry(n int, text string) imager.Entry {
	return imager.Entry{At: time.Unix(1, 0).UTC(), Machine: n, Text: text}
}

func TestRoundTrip(t *testing.T) {
	s := store(t)
	m := machine(1)
	m.Job, m.Session = "J", "S"
	commit(t, s, control.Change{
		Machine: m, Job: &imager.Job{ID: "J", Machine: 1, Log: []imager.Entry{entry(1, "not kept here")}},
		Sessions: []imager.Session{{ID: "S", Machine: 1, Token: []byte("token")}},
		Entries:  []imager.Entry{entry(1, "first"), entry(1, "second")},
	})
	file := s.db.Path()
	finish(t, s)
	s = reopen(t, file)
	got, err := s.Machine(t.Context(), 1)
	if err != nil || got.Version != 1 || got.Job != "J" {
		t.Errorf("machine %+v, %v", got, err)
	}
	if j, err := s.Job(t.Context(), "J"); err != nil || j.Version != 1 || j.Log != nil {
		t.Errorf("job %+v, %v", j, err)
	}
	if x, err := s.SessionByToken(t.Context(), []byte("token")); err != nil || x.ID != "S" {
		t.Errorf("session %+v, %v", x, err)
	}
	if e, err := s.Entries(t.Context(), 1, 1); err != nil || len(e) != 1 || e[0].Text != "second" {
		t.Errorf("entries %+v, %v", e, err)
	}
	for _, err := range []error{second(s.Machine(t.Context(), 2)), second(s.Job(t.Context(), "x")), second(s.Session(t.Context(), "x")), second(s.SessionByToken(t.Context(), []byte("x")))} {
		if !errors.Is(err, imager.ErrNotFound) {
			t.Errorf("of nothing: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestVersions: a change that was decided on an old record is refused whole.
func TestVersions(t *testing.T) {
	s := store(t)
	commit(t, s, control.Change{Machine: machine(1)})
	stale := []control.Change{
		{Machine: machine(1), Entries: []imager.Entry{entry(1, "never")}},
		{Machine: &imager.Machine{Number: 1, Version: 2}},
		{Job: &imager.Job{ID: "J", Machine: 1, Version: 1}},
		{Entries: []imager.Entry{entry(1, "never")}, Sessions: []imager.Session{{ID: "S", Machine: 1, Version: 3}}},
	}
	for i, c := range stale {
		if err := s.Commit(t.Context(), c); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if e, err := s.Entries(t.Context(), 1, 9); err != nil || len(e) != 0 {
		t.Errorf("a refused change left %+v, %v", e, err)
	}
	commit(t, s, control.Change{Machine: &imager.Machine{Number: 1, Version: 1}})
}

// TestConcurrentCommits: of changes decided on the same record one wins; the
// others are told.
func TestConcurrentCommits(t *testing.T) {
	s := store(t)
	commit(t, s, control.Change{Machine: machine(1)})
	won := make(chan error)
	for i := range 16 {
		go func() {
			won <- s.Commit(context.Background(), control.Change{
				Machine: &imager.Machine{Number: 1, Version: 1}, Entries: []imager.Entry{entry(1, fmt.Sprint(i))}})
		}()
	}
	wins := 0
	for range 16 {
		switch err := <-won; {
		case err == nil:
			wins++
		case !errors.Is(err, imager.ErrConflict):
			t.Error(err)
		}
	}
	if e, err := s.Entries(t.Context(), 1, 99); err != nil || wins != 1 || len(e) != 1 {
		t.Errorf("%d won, %d entries, %v", wins, len(e), err)
	}
}

// TestEntriesOfOneMachine are not another's, whatever the numbers.
func TestEntriesOfOneMachine(t *testing.T) {
	s := store(t)
	for n := range 4 {
		commit(t, s, control.Change{Machine: machine(n + 1)})
	}
	for i := range 10 {
		commit(t, s, control.Change{Entries: []imager.Entry{entry(1+i%3, fmt.Sprint(i))}})
	}
	for n, want := range map[int]string{1: "9 6 3 0", 2: "7 4 1", 3: "8 5 2", 4: "", 9: ""} {
		found, err := s.Entries(t.Context(), n, 99)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range found {
			texts = append(texts, e.Text)
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("machine %d: %q, want %q", n, got, want)
		}
	}
}

// TestForget removes a stranger with all that is its own; its number is never
// given again. A machine that had a job stays.
func TestForget(t *testing.T) {
	s := store(t)
	commit(t, s, control.Change{Machine: &imager.Machine{Number: 1, Job: "J"}, Job: &imager.Job{ID: "J", Machine: 1}})
	commit(t, s, control.Change{Machine: machine(2), Entries: []imager.Entry{entry(2, "x")},
		Sessions: []imager.Session{{ID: "a", Machine: 2, Token: []byte("t")}, {ID: "b", Machine: 2, Token: []byte("t")}}})
	commit(t, s, control.Change{Forget: 2})
	if _, err := s.Machine(t.Context(), 2); !errors.Is(err, imager.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := s.SessionByToken(t.Context(), []byte("t")); !errors.Is(err, imager.ErrNotFound) {
		t.Errorf("its session is still there: %v", err)
	}
	if n, err := s.LastNumber(t.Context()); n != 2 || err != nil {
		t.Errorf("last number %d, %v", n, err)
	}
	if err := s.Commit(t.Context(), control.Change{Forget: 1}); !errors.Is(err, imager.ErrConflict) {
		t.Errorf("a machine with a job was forgotten: %v", err)
	}
	commit(t, s, control.Change{Machine: machine(3), Withdrawn: &imager.Withdrawn{ID: "W", Machine: 3}})
	if err := s.Commit(t.Context(), control.Change{Forget: 3}); !errors.Is(err, imager.ErrConflict) {
		t.Errorf("a machine that a drive was pulled out of was forgotten: %v", err)
	}
}

func TestSecret(t *testing.T) {
	s := store(t)
	a, err := s.Secret("a", 32)
	b, err2 := s.Secret("b", 32)
	again, err3 := s.Secret("a", 32)
	if err := errors.Join(err, err2, err3); err != nil || string(a) != string(again) || string(a) == string(b) || len(a) != 32 {
		t.Errorf("%x %x %x %v", a, b, again, err)
	}
	if _, err := s.Secret("a", 16); err == nil {
		t.Error("a secret of another length was given")
	}
}

func TestLocked(t *testing.T) {
	s := store(t)
	if _, err := Open(s.db.Path()); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second opening: %v", err)
	}
}

func TestNewerSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "regain.db")
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	err = s.update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucketMeta)).Put([]byte("schema"), number(Schema+1)) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); !errors.Is(err, ErrSchema) {
		t.Errorf("opened: %v", err)
	}
}

// TestDiskFull: what does not fit is refused as a failure of the storage; all
// that was acknowledged is there when the store is opened again.
func TestDiskFull(t *testing.T) {
	file := filepath.Join(t.TempDir(), "regain.db")
	s, err := open(file, bbolt.Options{MaxSize: 256 << 10, InitialMmapSize: 128 << 10})
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for ; kept < 1000; kept++ {
		m := machine(kept + 1)
		m.Note = strings.Repeat("x", 4000)
		if err = s.Commit(t.Context(), control.Change{Machine: m}); err != nil {
			break
		}
	}
	if !errors.Is(err, imager.ErrStorage) || kept == 0 {
		t.Fatalf("after %d: %v", kept, err)
	}
	if err := errors.Join(s.Check(), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, file)
	all, err := s.Machines(t.Context())
	if err != nil || len(all) != kept {
		t.Errorf("%d machines of %d are there, %v", len(all), kept, err)
	}
	commit(t, s, control.Change{Machine: machine(kept + 1)}) // there is room now
}

// TestCheckFindsWhatIsWrong: a check that finds nothing is no check.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	text := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		bucket     string
		key, value []byte
	}{
		"not JSON":              {bucketMachines, number(1), []byte("x")},
		"another number":        {bucketMachines, number(1), text(imager.Machine{Number: 2, Version: 1})},
		"number never given":    {bucketMachines, number(9), text(imager.Machine{Number: 9, Version: 1})},
		"no such job":           {bucketMachines, number(1), text(imager.Machine{Number: 1, Version: 1, Job: "J"})},
		"no such session":       {bucketMachines, number(1), text(imager.Machine{Number: 1, Version: 1, Session: "S"})},
		"job of no machine":     {bucketJobs, []byte("J"), text(imager.Job{ID: "J", Machine: 7, Version: 1})},
		"job of another ID":     {bucketJobs, []byte("J"), text(imager.Job{ID: "K", Machine: 1, Version: 1})},
		"session of no machine": {bucketSessions, []byte("S"), text(imager.Session{ID: "S", Machine: 7, Version: 1})},
		"token of no session":   {bucketTokens, []byte("t"), []byte("S")},
		"entry of no machine":   {bucketEntries, append(number(7), number(1)...), text(entry(7, "x"))},
		"no evidence file":      {bucketJobs, []byte("J"), text(imager.Job{ID: "J", Machine: 1, Version: 1, Drives: []*imager.JobDrive{{EvidenceFile: strings.Repeat("a", 64)}}})},
		"no fresh evidence":     {bucketJobs, []byte("J"), text(imager.Job{ID: "J", Machine: 1, Version: 1, Drives: []*imager.JobDrive{{Recheck: &imager.Recheck{EvidenceFile: strings.Repeat("a", 64)}}}})},
		"withdrawn, no machine": {bucketWithdrawn, []byte("W"), text(imager.Withdrawn{ID: "W", Machine: 7, Version: 1})},
		"withdrawn, another ID": {bucketWithdrawn, []byte("W"), text(imager.Withdrawn{ID: "V", Machine: 1, Version: 1})},
		"entry without time":    {bucketEntries, append(number(1), number(1)...), text(imager.Entry{Machine: 1})},
	} {
		s, err := Open(filepath.Join(t.TempDir(), "regain.db"))
		if err != nil {
			t.Fatal(err)
		}
		commit(t, s, control.Change{Machine: machine(1)})
		if err := s.Check(); err != nil {
			t.Fatalf("%s: wrong before: %v", name, err)
		}
		err = s.update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(c.bucket)).Put(c.key, c.value) })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(); err == nil {
			t.Errorf("%s: not found", name)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

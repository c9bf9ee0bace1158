package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"regain.example/imager"
	"regain.example/imager/control"
)

var _ control.Store = (*Store)(nil)

// Commit applies a change whole or not at all; see control.Change. Concurrent
// changes share one sync of the disk. A context that ends does not undo a change
// that was begun.
func (s *Store) Commit(ctx context.Context, c control.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.batch(func(tx *bbolt.Tx) error { return apply(tx, c) })
}

func apply(tx *bbolt.Tx, c control.Change) error {
	if c.Machine != nil {
		if err := putMachine(tx, *c.Machine); err != nil {
			return err
		}
	}
	if c.Job != nil {
		j := *c.Job
		j.Version, j.Log = j.Version+1, nil
		if err := put(tx, bucketJobs, []byte(j.ID), "job "+j.ID, c.Job.Version, j); err != nil {
			return err
		}
	}
	if c.Withdrawn != nil {
		if err := putWithdrawn(tx, *c.Withdrawn); err != nil {
			return err
		}
	}
	for _, session := range c.Sessions {
		if err := putSession(tx, session); err != nil {
			return err
		}
	}
	for _, e := range c.Entries {
		if err := addEntry(tx, e); err != nil {
			return err
		}
	}
	for _, id := range c.ForgetSessions {
		if err := forgetSession(tx, id); err != nil {
			return err
		}
	}
	if c.Forget != 0 {
		return forget(tx, c.Forget)
	}
	return nil
}

// put writes a record if the one there has the expected version; 0 expects none.
func put(tx *bbolt.Tx, bucket string, key []byte, what string, expected uint64, record any) error {
	var there struct {
		Version uint64 `json:"version"`
	}
	b := tx.Bucket([]byte(bucket))
	if old := b.Get(key); old != nil {
		if err := json.Unmarshal(old, &there); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	if there.Version != expected {
		return fmt.Errorf("%s has version %d, not %d: %w", what, there.Version, expected, imager.ErrConflict)
	}
	text, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return b.Put(key, text)
}

func putMachine(tx *bbolt.Tx, m imager.Machine) error {
	expected := m.Version
	m.Version++
	if n := uint64(m.Number); expected == 0 && n > lastNumber(tx) {
		if err := tx.Bucket([]byte(bucketMeta)).Put([]byte("last-number"), number(n)); err != nil {
			return fmt.Errorf("last number: %w", err)
		}
	}
	return put(tx, bucketMachines, number(uint64(m.Number)), fmt.Sprintf("machine %d", m.Number), expected, m)
}

func putSession(tx *bbolt.Tx, session imager.Session) error {
	expected := session.Version
	session.Version++
	if expected == 0 {
		if err := tx.Bucket([]byte(bucketTokens)).Put(session.Token, []byte(session.ID)); err != nil {
			return fmt.Errorf("session of a token: %w", err)
		}
	}
	return put(tx, bucketSessions, []byte(session.ID), "session", expected, session)
}

func addEntry(tx *bbolt.Tx, e imager.Entry) error {
	b := tx.Bucket([]byte(bucketEntries))
	seq, err := b.NextSequence()
	if err != nil {
		return fmt.Errorf("entry of machine %d: %w", e.Machine, err)
	}
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("entry of machine %d: %w", e.Machine, err)
	}
	return b.Put(append(number(uint64(e.Machine)), number(seq)...), text)
}

func forgetSession(tx *bbolt.Tx, id string) error {
	var session imager.Session
	if err := decode(tx, bucketSessions, []byte(id), "session", &session); err != nil {
		return err
	}
	tokens := tx.Bucket([]byte(bucketTokens))
	if bytes.Equal(tokens.Get(session.Token), []byte(id)) {
		if err := tokens.Delete(session.Token); err != nil {
			return fmt.Errorf("forget the token of a session: %w", err)
		}
	}
	return tx.Bucket([]byte(bucketSessions)).Delete([]byte(id))
}

// forget removes a machine that never had a job, and no drive pulled out of it.
func forget(tx *bbolt.Tx, n int) error {
	var m imager.Machine
	what := fmt.Sprintf("machine %d", n)
	if err := decode(tx, bucketMachines, number(uint64(n)), what, &m); err != nil {
		return err
	}
	if m.Job != "" {
		return fmt.Errorf("forget %s, which had a job: %w", what, imager.ErrConflict)
	}
	if err := noneWithdrawn(tx, n); err != nil {
		return fmt.Errorf("forget %s: %w", what, err)
	}
	var sessions []string
	err := tx.Bucket([]byte(bucketSessions)).ForEach(func(k, v []byte) error {
		var session imager.Session
		if err := json.Unmarshal(v, &session); err != nil {
			return fmt.Errorf("session: %w", err)
		}
		if session.Machine == n {
			sessions = append(sessions, session.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range sessions {
		if err := forgetSession(tx, id); err != nil {
			return err
		}
	}
	if err := deletePrefix(tx.Bucket([]byte(bucketEntries)), number(uint64(n))); err != nil {
		return fmt.Errorf("forget %s: %w", what, err)
	}
	return tx.Bucket([]byte(bucketMachines)).Delete(number(uint64(n)))
}

func deletePrefix(b *bbolt.Bucket, prefix []byte) error {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"regain.example/imager"
)

// get reads one record.
func get[T any](s *Store, ctx context.Context, bucket string, key []byte, what string) (record T, err error) {
	if err := ctx.Err(); err != nil {
		return record, err
	}
	err = s.view(func(tx *bbolt.Tx) error { return decode(tx, bucket, key, what, &record) })
	return record, err
}

func decode(tx *bbolt.Tx, bucket string, key []byte, what string, record any) error {
	b := tx.Bucket([]byte(bucket)).Get(key)
	if b == nil {
		return fmt.Errorf("%s: %w", what, imager.ErrNotFound)
	}
	if err := json.Unmarshal(b, record); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Machine returns one machine.
func (s *Store) Machine(ctx context.Context, n int) (imager.Machine, error) {
	return get[imager.Machine](s, ctx, bucketMachines, number(uint64(n)), fmt.Sprintf("machine %d", n))
}

// Job returns one job.
func (s *Store) Job(ctx context.Context, id string) (imager.Job, error) {
	return get[imager.Job](s, ctx, bucketJobs, []byte(id), "job "+id)
}

// Session returns one session.
func (s *Store) Session(ctx context.Context, id string) (imager.Session, error) {
	return get[imager.Session](s, ctx, bucketSessions, []byte(id), "session")
}

// SessionByToken returns the newest session that the token of this SHA-256
// opened.
func (s *Store) SessionByToken(ctx context.Context, sum []byte) (session imager.Session, err error) {
	if err := ctx.Err(); err != nil {
		return session, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		id := tx.Bucket([]byte(bucketTokens)).Get(sum)
		if id == nil {
			return fmt.Errorf("session of a token: %w", imager.ErrNotFound)
		}
		return decode(tx, bucketSessions, id, "session of a token", &session)
	})
	return session, err
}

// Machines returns all machines in order of their numbers.
func (s *Store) Machines(ctx context.Context) (all []imager.Machine, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucketMachines)).ForEach(func(k, v []byte) error {
			var m imager.Machine
			if err := json.Unmarshal(v, &m); err != nil {
				return fmt.Errorf("machine %x: %w", k, err)
			}
			all = append(all, m)
			return ctx.Err()
		})
	})
	return all, err
}

// Entries returns at most limit entries of the machine, newest first.
func (s *Store) Entries(ctx context.Context, machine, limit int) (found []imager.Entry, err error) {
	prefix := number(uint64(machine))
	err = s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(bucketEntries)).Cursor()
		k, v := last(c, uint64(machine))
		for ; bytes.HasPrefix(k, prefix) && len(found) < limit; k, v = c.Prev() {
			var e imager.Entry
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("entry %x: %w", k, err)
			}
			found = append(found, e)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// last moves the cursor to the last key of the machine.
func last(c *bbolt.Cursor, machine uint64) (k, v []byte) {
	if k, _ := c.Seek(number(machine + 1)); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// LastNumber returns the highest number that a machine was ever given.
func (s *Store) LastNumber(ctx context.Context) (n int, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		n = int(lastNumber(tx))
		return ctx.Err()
	})
	return n, err
}

func lastNumber(tx *bbolt.Tx) uint64 {
	v := tx.Bucket([]byte(bucketMeta)).Get([]byte("last-number"))
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

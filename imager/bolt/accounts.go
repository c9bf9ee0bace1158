package bolt

import (
	"context"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"regain.example/imager/account"
)

// The buckets of people, made at their first use:
//
//	accounts  account name -> account.Account as JSON
//	logins    sequence (big-endian uint64) -> account.Event as JSON
const (
	bucketAccounts = "accounts"
	bucketLogins   = "logins"
)

var _ account.Store = (*Store)(nil)

// Accounts returns all accounts in order of their names.
func (s *Store) Accounts(ctx context.Context) (all []account.Account, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketAccounts))
		if b == nil {
			return ctx.Err()
		}
		return b.ForEach(func(k, v []byte) error {
			var a account.Account
			if err := json.Unmarshal(v, &a); err != nil {
				return fmt.Errorf("account %s: %w", k, err)
			}
			all = append(all, a)
			return ctx.Err()
		})
	})
	return all, err
}

// CreateFirstAccount writes the account and its event together, if there is no
// account yet; account.ErrExists if there is.
func (s *Store) CreateFirstAccount(ctx context.Context, a account.Account, e account.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("create account %s: %w", a.Name, err)
	}
	taken := false
	err = s.update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucketAccounts))
		if err != nil {
			return err
		}
		if k, _ := b.Cursor().First(); k != nil {
			taken = true
			return nil
		}
		if err := b.Put([]byte(a.Name), text); err != nil {
			return err
		}
		return addLogin(tx, e)
	})
	if err == nil && taken {
		return account.ErrExists
	}
	return err
}

// RecordLogin appends an event to the login audit.
func (s *Store) RecordLogin(ctx context.Context, e account.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.batch(func(tx *bbolt.Tx) error { return addLogin(tx, e) })
}

// Logins returns at most limit events of the login audit, newest first.
func (s *Store) Logins(ctx context.Context, limit int) (found []account.Event, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketLogins))
		if b == nil {
			return ctx.Err()
		}
		c := b.Cursor()
		for k, v := c.Last(); k != nil && len(found) < limit; k, v = c.Prev() {
			var e account.Event
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("login %x: %w", k, err)
			}
			found = append(found, e)
		}
		return ctx.Err()
	})
	return found, err
}

func addLogin(tx *bbolt.Tx, e account.Event) error {
	b, err := tx.CreateBucketIfNotExists([]byte(bucketLogins))
	if err != nil {
		return err
	}
	seq, err := b.NextSequence()
	if err != nil {
		return err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.Action, err)
	}
	return b.Put(number(seq), text)
}

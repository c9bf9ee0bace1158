package bolt

import (
	"context"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"regain.example/imager"
)

// Withdrawn returns all withdrawn drives, oldest first: their IDs are ULIDs.
func (s *Store) Withdrawn(ctx context.Context) (all []imager.Withdrawn, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucketWithdrawn)).ForEach(func(k, v []byte) error {
			var w imager.Withdrawn
			if err := json.Unmarshal(v, &w); err != nil {
				return fmt.Errorf("withdrawn drive %s: %w", k, err)
			}
			all = append(all, w)
			return ctx.Err()
		})
	})
	return all, err
}

func putWithdrawn(tx *bbolt.Tx, w imager.Withdrawn) error {
	expected := w.Version
	w.Version++
	return put(tx, bucketWithdrawn, []byte(w.ID), "withdrawn drive "+w.ID, expected, w)
}

// noneWithdrawn reports an error if a drive of the machine was withdrawn.
func noneWithdrawn(tx *bbolt.Tx, machine int) error {
	return tx.Bucket([]byte(bucketWithdrawn)).ForEach(func(k, v []byte) error {
		var w imager.Withdrawn
		if err := json.Unmarshal(v, &w); err != nil {
			return fmt.Errorf("withdrawn drive %s: %w", k, err)
		}
		if w.Machine == machine {
			return fmt.Errorf("a drive was pulled out of it: %w", imager.ErrConflict)
		}
		return nil
	})
}

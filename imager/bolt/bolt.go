// Package bolt keeps the controller's records in one bbolt file. A change that
// Commit returned without an error has been synced to the disk.
//
// The buckets:
//
//	meta      "schema", "last-number" (big-endian uint64), "secret/NAME"
//	machines  machine number, big-endian uint64 -> imager.Machine as JSON
//	jobs      job ID -> imager.Job as JSON
//	sessions  session ID -> imager.Session as JSON
//	tokens    SHA-256 of a boot token -> ID of the newest session it opened
//	entries   machine number, sequence (both big-endian uint64) -> imager.Entry as JSON
//	withdrawn ID -> imager.Withdrawn as JSON
//	accounts  see accounts.go
//
// Evidence lies in files of its own, in the directory "evidence" beside the
// store's file; see KeepEvidence. A copy of the store needs them too.
//
// Caveats: one process at a time has the file open. The file never shrinks. After
// a failed sync what a reader sees may be newer than what is on the disk; nothing
// of it was acknowledged, and the next successful change makes both equal.
package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"regain.example/imager"
)

// Schema is the version of the buckets' form that this code writes.
const Schema = 1

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = 2 * time.Second

// batchDelay is how long a change waits for others to share its commit.
const batchDelay = 5 * time.Millisecond

// What Open finds wrong.
var (
	ErrLocked = errors.New("another process has the store open: stop the other controller, or use the command line against it")
	ErrSchema = errors.New("the store was written by a newer version of this program: install that version, or restore an older backup")
)

// Bucket names.
const (
	bucketMeta     = "meta"
	bucketMachines = "machines"
	bucketJobs     = "jobs"
	bucketSessions = "sessions"
	bucketTokens   = "tokens"
	bucketEntries  = "entries"

	bucketWithdrawn = "withdrawn"
)

// Store is an open store. Its methods may be called by several goroutines.
type Store struct {
	db       *bbolt.DB
	evidence string // directory
}

// Open opens the store in file, or creates it with mode 0600. Errors wrap
// ErrLocked, ErrSchema or imager.ErrStorage.
func Open(file string) (*Store, error) { return open(file, bbolt.Options{}) }

func open(file string, o bbolt.Options) (*Store, error) {
	o.Timeout = lockWait
	db, err := bbolt.Open(file, 0o600, &o)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open store %s: %w", file, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w: %w", file, imager.ErrStorage, err)
	}
	db.MaxBatchDelay = batchDelay
	s := &Store{db, filepath.Join(filepath.Dir(file), evidenceDir)}
	if err := errors.Join(s.prepare(), storage(s.clearParts())); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", file, err), db.Close())
	}
	return s, nil
}

// prepare makes the buckets and checks the schema's version.
func (s *Store) prepare() error {
	return s.update(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket([]byte(bucketMeta)); meta != nil {
			if v := meta.Get([]byte("schema")); len(v) != 8 || binary.BigEndian.Uint64(v) > Schema {
				return ErrSchema
			}
		}
		for _, name := range []string{bucketMeta, bucketMachines, bucketJobs, bucketSessions, bucketTokens, bucketEntries, bucketWithdrawn} {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return fmt.Errorf("bucket %s: %w", name, err)
			}
		}
		return tx.Bucket([]byte(bucketMeta)).Put([]byte("schema"), number(Schema))
	})
}

// Close closes the store. It waits for transactions under way.
func (s *Store) Close() error { return s.db.Close() }

// update runs one transaction of its own. Whatever goes wrong, short of an error
// of the domain's, is a failure of the storage.
func (s *Store) update(f func(*bbolt.Tx) error) error { return storage(s.db.Update(f)) }

// batch is update, sharing the commit with others. f may run several times.
func (s *Store) batch(f func(*bbolt.Tx) error) error { return storage(s.db.Batch(f)) }

func (s *Store) view(f func(*bbolt.Tx) error) error { return storage(s.db.View(f)) }

// storage wraps an error with imager.ErrStorage unless it is the domain's.
func storage(err error) error {
	for _, domain := range []error{imager.ErrNotFound, imager.ErrConflict, imager.ErrInvalid, imager.ErrStorage, ErrSchema} {
		if errors.Is(err, domain) {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", imager.ErrStorage, err)
	}
	return nil
}

// number is the key of a machine, and the form of numbers in meta.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

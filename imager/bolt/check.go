package bolt

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"regain.example/imager"
)

// Check reads the whole store: bbolt's own pages, and that every record can be
// read and cites only records that exist, and evidence files that are whole. It
// returns all that is wrong, joined.
func (s *Store) Check() error {
	return s.db.View(func(tx *bbolt.Tx) error {
		var wrong []error
		for err := range tx.Check() {
			wrong = append(wrong, fmt.Errorf("page: %w", err))
		}
		c := checker{tx: tx, evidence: s.readEvidence}
		c.each(bucketMachines, c.machine)
		c.each(bucketJobs, c.job)
		c.each(bucketSessions, c.session)
		c.each(bucketTokens, c.token)
		c.each(bucketEntries, c.entry)
		c.each(bucketWithdrawn, c.withdrawn)
		return errors.Join(append(wrong, c.wrong...)...)
	})
}

type checker struct {
	tx       *bbolt.Tx
	evidence func(name string) ([]byte, error)
	wrong    []error
}

func (c *checker) each(bucket string, check func(k, v []byte) error) {
	err := c.tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
		if err := check(k, v); err != nil {
			c.wrong = append(c.wrong, fmt.Errorf("%s %q: %w", bucket, k, err))
		}
		return nil
	})
	if err != nil {
		c.wrong = append(c.wrong, fmt.Errorf("%s: %w", bucket, err))
	}
}

func (c *checker) cites(bucket string, key []byte) error {
	if c.tx.Bucket([]byte(bucket)).Get(key) == nil {
		return fmt.Errorf("it cites %s %q, which is not there", bucket, key)
	}
	return nil
}

func (c *checker) machine(k, v []byte) error {
	var m imager.Machine
	if err := json.Unmarshal(v, &m); err != nil {
		return err
	}
	var err error
	if string(k) != string(number(uint64(m.Number))) || m.Version == 0 || uint64(m.Number) > lastNumber(c.tx) {
		err = fmt.Errorf("number %d or version %d is wrong", m.Number, m.Version)
	}
	if m.Job != "" {
		err = errors.Join(err, c.cites(bucketJobs, []byte(m.Job)))
	}
	if m.Session != "" {
		err = errors.Join(err, c.cites(bucketSessions, []byte(m.Session)))
	}
	return err
}

func (c *checker) job(k, v []byte) error {
	var j imager.Job
	if err := json.Unmarshal(v, &j); err != nil {
		return err
	}
	if j.ID != string(k) || j.Version == 0 {
		return fmt.Errorf("ID %q or version %d is wrong", j.ID, j.Version)
	}
	err := c.cites(bucketMachines, number(uint64(j.Machine)))
	for _, d := range j.Drives {
		err = errors.Join(err, c.file(d.EvidenceFile))
		if d.Recheck != nil {
			err = errors.Join(err, c.file(d.Recheck.EvidenceFile))
		}
	}
	return err
}

// file checks an evidence file that a job cites; "" cites none.
func (c *checker) file(name string) error {
	if name == "" {
		return nil
	}
	if _, err := c.evidence(name); err != nil {
		return fmt.Errorf("evidence file %s: %w", name, err)
	}
	return nil
}

func (c *checker) withdrawn(k, v []byte) error {
	var w imager.Withdrawn
	if err := json.Unmarshal(v, &w); err != nil {
		return err
	}
	if w.ID != string(k) || w.Version == 0 {
		return fmt.Errorf("ID %q or version %d is wrong", w.ID, w.Version)
	}
	return c.cites(bucketMachines, number(uint64(w.Machine)))
}

func (c *checker) session(k, v []byte) error {
	var s imager.Session
	if err := json.Unmarshal(v, &s); err != nil {
		return err
	}
	if s.ID != string(k) || s.Version == 0 {
		return errors.New("ID or version is wrong")
	}
	return errors.Join(c.cites(bucketMachines, number(uint64(s.Machine))), c.cites(bucketTokens, s.Token))
}

func (c *checker) token(_, v []byte) error { return c.cites(bucketSessions, v) }

func (c *checker) entry(k, v []byte) error {
	var e imager.Entry
	if err := json.Unmarshal(v, &e); err != nil {
		return err
	}
	if len(k) != 16 || e.At.IsZero() || string(k[:8]) != string(number(uint64(e.Machine))) {
		return errors.New("key or time is wrong")
	}
	if e.Machine == 0 {
		return nil // of the controller itself
	}
	return c.cites(bucketMachines, k[:8])
}

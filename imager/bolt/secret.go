package bolt

import (
	"bytes"
	"crypto/rand"
	"fmt"

	"go.etcd.io/bbolt"
)

// Secret returns the n random bytes kept under name; the first call draws them.
func (s *Store) Secret(name string, n int) ([]byte, error) {
	drawn := make([]byte, n)
	rand.Read(drawn) // never fails, by its documentation
	var secret []byte
	err := s.update(func(tx *bbolt.Tx) error {
		b, key := tx.Bucket([]byte(bucketMeta)), []byte("secret/"+name)
		if kept := b.Get(key); kept != nil {
			if len(kept) != n {
				return fmt.Errorf("%d bytes are kept, not %d", len(kept), n)
			}
			secret = bytes.Clone(kept)
			return nil
		}
		secret = drawn
		return b.Put(key, drawn)
	})
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	return secret, nil
}

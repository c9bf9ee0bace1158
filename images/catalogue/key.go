package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"aead.dev/minisign"
)

// ErrKeyMode is returned for a signing key that others may read.
var ErrKeyMode = errors.New("the signing key may be read by others")

// SigningKey reads the signing key in path, or makes one there if there is none:
// a minisign secret key without password (ADR 0004 says why), readable by its
// owner only, and beside it the public key in path + ".pub".
func SigningKey(path string) (minisign.PrivateKey, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil {
		return minisign.PrivateKey{}, fmt.Errorf("signing key: %w", err)
	}
	return key, nil
}

func readKey(path string) (minisign.PrivateKey, error) {
	var key minisign.PrivateKey
	info, err := os.Stat(path)
	if err != nil {
		return key, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return key, fmt.Errorf("%w: run chmod 600 %s", ErrKeyMode, path)
	}
	text, err := readLimited(path, 4096)
	if err != nil {
		return key, err
	}
	if err := key.UnmarshalText(text); err != nil {
		return key, fmt.Errorf("read %s: %w", path, err)
	}
	return key, nil
}

func makeKey(path string) (minisign.PrivateKey, error) {
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		return minisign.PrivateKey{}, err
	}
	secret, err := private.MarshalText()
	if err != nil {
		return minisign.PrivateKey{}, err
	}
	text, err := public.MarshalText()
	if err != nil {
		return minisign.PrivateKey{}, err
	}
	if err := place(path+".pub", append(text, '\n'), 0o644); err != nil {
		return minisign.PrivateKey{}, err
	}
	return private, place(path, append(secret, '\n'), 0o600)
}

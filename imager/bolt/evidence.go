package bolt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"regain.example/imager"
	"regain.example/imager/durable"
)

// evidenceDir lies beside the store's file. Each file in it is named by the
// SHA-256 of its content, in hex, and never changes.
const evidenceDir = "evidence"

// KeepEvidence writes text into a file of its own, unless it is there already,
// and returns its SHA-256 in hex. The file and its name are on the disk when it
// returns, so that a transaction may cite it. Errors wrap imager.ErrStorage.
func (s *Store) KeepEvidence(ctx context.Context, text []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	name := hex.EncodeToString(sum[:])
	if err := s.keep(name, text); err != nil {
		return "", fmt.Errorf("keep evidence %s: %w: %w", name, imager.ErrStorage, err)
	}
	return name, nil
}

func (s *Store) keep(name string, text []byte) error {
	if err := os.MkdirAll(s.evidence, 0o700); err != nil {
		return err
	}
	if err := durable.SyncDir(filepath.Dir(s.evidence)); err != nil {
		return err
	}
	file := filepath.Join(s.evidence, name)
	if there, err := os.ReadFile(file); err != nil || !bytes.Equal(there, text) {
		// A file that is there with other content is damaged: this replaces it.
		return durable.Write(file, text)
	}
	return durable.SyncDir(s.evidence)
}

// Evidence returns the file of this SHA-256, whose content was compared with it.
// Errors wrap imager.ErrNotFound, or imager.ErrStorage for a file that is
// damaged.
func (s *Store) Evidence(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := s.readEvidence(name)
	if err != nil {
		return nil, fmt.Errorf("evidence %.64q: %w", name, err)
	}
	return text, nil
}

func (s *Store) readEvidence(name string) ([]byte, error) {
	if raw, err := hex.DecodeString(name); err != nil || len(raw) != sha256.Size || strings.ToLower(name) != name {
		return nil, fmt.Errorf("%w: this is no SHA-256 in hex", imager.ErrNotFound)
	}
	text, err := os.ReadFile(filepath.Join(s.evidence, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, imager.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", imager.ErrStorage, err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != name {
		return nil, fmt.Errorf("%w: the file is damaged: bring it back from a backup", imager.ErrStorage)
	}
	return text, nil
}

// clearParts removes what a killed process left half written.
func (s *Store) clearParts() error {
	parts, err := filepath.Glob(filepath.Join(s.evidence, "*"+durable.PartSuffix))
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := os.Remove(p); err != nil {
			return err
		}
	}
	return nil
}

// Package catalogue is the controller's directory of master images. An image NAME
// is listed once its three files lie there and the signature of its manifest is
// valid: NAME.img.zst, NAME.json and NAME.json.minisig. The signature is put there
// last, so that nothing half-made is ever listed.
package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"aead.dev/minisign"

	"regain.example/images/frames"
	"regain.example/images/manifest"
)

// The endings of an image's files.
const (
	bodyEnding      = ".img.zst"
	manifestEnding  = ".json"
	signatureEnding = ".json.minisig"
)

// The errors about an image. Those about its content are of packages manifest
// (ErrInvalid, ErrSignature) and frames (ErrTruncated, ErrCorrupt).
var (
	ErrNotFound = errors.New("no such master image")
	ErrExists   = errors.New("a master image of this name exists")
	ErrSource   = errors.New("this file cannot become a master image")
)

// Catalogue is one directory of master images. It may be used by several
// goroutines at once.
type Catalogue struct {
	dir string
	key minisign.PrivateKey
	pub string

	mu    sync.Mutex
	cache map[string]cached // by name
}

// cached is an image that was read, and what its files looked like then.
type cached struct {
	stamp string
	image Image
}

// Image is one listed image.
type Image struct {
	Manifest manifest.Manifest
	// ManifestSHA256 is of the manifest's file, hex. It names exactly this
	// image.
	ManifestSHA256 string
}

// Entry is a line of List: an image, or why the image of that name cannot be used.
type Entry struct {
	Name  string
	Image Image
	Err   error
}

// Open returns the catalogue of dir, made if it does not exist. Manifests are
// signed with key, and those signed with any other key are refused.
func Open(dir string, key minisign.PrivateKey) (*Catalogue, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	pub, ok := key.Public().(minisign.PublicKey)
	if !ok {
		return nil, errors.New("open catalogue: the signing key has no public key")
	}
	return &Catalogue{dir: dir, key: key, pub: pub.String(), cache: map[string]cached{}}, nil
}

// PublicKey returns the minisign public key, one line of base64, that every
// manifest in the catalogue is signed with.
func (c *Catalogue) PublicKey() string { return c.pub }

// Get returns a listed image. The signature and the length of its files have been
// checked; its frames have not (see Verify). Errors wrap ErrNotFound or say what
// is wrong with the image.
func (c *Catalogue) Get(name string) (Image, error) {
	image, err := c.signed(name)
	if err != nil {
		return Image{}, err
	}
	info, err := os.Stat(c.path(name, bodyEnding))
	if err != nil {
		return Image{}, fmt.Errorf("master image %s: %w", name, err)
	}
	if got, want := uint64(info.Size()), image.Manifest.CompressedBytes; got != want {
		return Image{}, fmt.Errorf("master image %s: %w: %d bytes, the manifest says %d; add the image anew", name, frames.ErrTruncated, got, want)
	}
	return image, nil
}

// Manifest returns what the controller needs to order an installation: the
// manifest, the hex SHA-256 of its file, and the public key that signed it.
func (c *Catalogue) Manifest(name string) (m manifest.Manifest, sha256, publicKey string, err error) {
	image, err := c.Get(name)
	return image.Manifest, image.ManifestSHA256, c.pub, err
}

// List returns all images by name, those that cannot be used with their error.
func (c *Catalogue) List(ctx context.Context) ([]Entry, error) {
	files, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, fmt.Errorf("list master images: %w", err)
	}
	var entries []Entry
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list master images: %w", err)
		}
		name, ok := strings.CutSuffix(f.Name(), signatureEnding)
		if !ok || !manifest.ValidName(name) {
			continue
		}
		image, err := c.Get(name)
		entries = append(entries, Entry{Name: name, Image: image, Err: err})
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name < entries[j].Name })
	return entries, nil
}

// signed returns the image whose manifest is signed by our key. What was read once
// is kept as long as the files do not change.
func (c *Catalogue) signed(name string) (Image, error) {
	if !manifest.ValidName(name) {
		return Image{}, fmt.Errorf("%w: %q is not a name of one", ErrNotFound, name)
	}
	stamp, err := c.stamp(name)
	if errors.Is(err, os.ErrNotExist) {
		return Image{}, fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	if err != nil {
		return Image{}, fmt.Errorf("master image %s: %w", name, err)
	}
	c.mu.Lock()
	known, ok := c.cache[name]
	c.mu.Unlock()
	if ok && known.stamp == stamp {
		return known.image, nil
	}
	image, err := c.read(name)
	if err != nil {
		return Image{}, fmt.Errorf("master image %s: %w", name, err)
	}
	c.mu.Lock()
	c.cache[name] = cached{stamp, image}
	c.mu.Unlock()
	return image, nil
}

func (c *Catalogue) read(name string) (Image, error) {
	data, err := readLimited(c.path(name, manifestEnding), manifest.MaxBytes)
	if err != nil {
		return Image{}, err
	}
	signature, err := readLimited(c.path(name, signatureEnding), 64<<10)
	if err != nil {
		return Image{}, err
	}
	m, err := manifest.Open(data, signature, c.pub)
	if err != nil {
		return Image{}, err
	}
	if m.Name != name {
		return Image{}, fmt.Errorf("%w: it is the manifest of %s", manifest.ErrInvalid, m.Name)
	}
	sum := sha256.Sum256(data)
	return Image{Manifest: m, ManifestSHA256: hex.EncodeToString(sum[:])}, nil
}

// stamp tells whether manifest or signature have changed since.
func (c *Catalogue) stamp(name string) (string, error) {
	var stamp string
	for _, ending := range []string{signatureEnding, manifestEnding} {
		info, err := os.Stat(c.path(name, ending))
		if err != nil {
			return "", err
		}
		stamp += fmt.Sprintf("%d %d;", info.Size(), info.ModTime().UnixNano())
	}
	return stamp, nil
}

func (c *Catalogue) path(name, ending string) string { return filepath.Join(c.dir, name+ending) }

func readLimited(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes, the limit is %d", filepath.Base(path), info.Size(), limit)
	}
	return os.ReadFile(path)
}

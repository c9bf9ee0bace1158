package manifest

import (
	"errors"
	"fmt"

	"aead.dev/minisign"
)

// maxSignatureBytes bounds a signature file; minisign allows comments of 8 KiB.
const maxSignatureBytes = 32 << 10

// ErrSignature is returned where a manifest's signature is not one of the given
// key over exactly these bytes.
var ErrSignature = errors.New("the signature of the manifest is not valid")

// Sign returns the content of the manifest's signature file. The trusted comment
// names the image, as stock minisign shows it.
func Sign(key minisign.PrivateKey, json []byte, name string) []byte {
	return minisign.SignWithComments(key, json,
		"master image "+name, "signature of a Regain master image manifest")
}

// Open checks the signature of a manifest's file and then parses it. PublicKey
// is a minisign public key: its base64 line, or the whole file. Errors wrap
// ErrSignature or ErrInvalid.
func Open(json, signature []byte, publicKey string) (Manifest, error) {
	var key minisign.PublicKey
	if err := key.UnmarshalText([]byte(publicKey)); err != nil {
		return Manifest{}, fmt.Errorf("%w: the public key cannot be read: %w", ErrSignature, err)
	}
	if len(json) > MaxBytes || len(signature) > maxSignatureBytes {
		return Manifest{}, fmt.Errorf("%w: manifest of %d bytes, signature of %d", ErrInvalid, len(json), len(signature))
	}
	var s minisign.Signature
	if err := s.UnmarshalText(signature); err != nil {
		return Manifest{}, fmt.Errorf("%w: it cannot be read: %w", ErrSignature, err)
	}
	if s.KeyID != key.ID() {
		return Manifest{}, fmt.Errorf("%w: it was made with key %016X, not with %016X", ErrSignature, s.KeyID, key.ID())
	}
	if !minisign.Verify(key, json, signature) {
		return Manifest{}, fmt.Errorf("%w: the manifest was changed, or the signature is another's", ErrSignature)
	}
	return Parse(json)
}

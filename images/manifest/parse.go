package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits on what is read from others. A manifest of MaxFrames describes a raw
// disk of 512 GiB and takes about 25 MiB.
const (
	MaxBytes  = 32 << 20 // of the manifest's file
	MaxFrames = 1 << 17
)

// ErrInvalid is wrapped by every error about the content of a manifest.
var ErrInvalid = errors.New("invalid manifest")

// Parse reads a manifest and validates it. It does not look at the signature:
// whoever did not make the file reads it with Open.
func Parse(data []byte) (Manifest, error) {
	if len(data) > MaxBytes {
		return Manifest{}, fmt.Errorf("%w: %d bytes, the limit is %d", ErrInvalid, len(data), MaxBytes)
	}
	// Schema alone is read first: a file of a later schema should be named as
	// such, not as one with an unknown field.
	var head struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if head.Schema != Schema {
		return Manifest{}, fmt.Errorf("%w: schema %d, this version of Regain reads %d", ErrInvalid, head.Schema, Schema)
	}

	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Manifest{}, fmt.Errorf("%w: something follows the manifest", ErrInvalid)
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// Marshal returns the bytes of the manifest's file. An invalid manifest is
// refused.
func (m Manifest) Marshal() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("marshal manifest: %w", err)
	}
	return append(data, '\n'), nil
}

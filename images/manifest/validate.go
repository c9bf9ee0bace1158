package manifest

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxNameBytes is the length of the longest name. With the longest ending it
// stays far below the 255 bytes that file systems allow.
const MaxNameBytes = 64

// maxGrow is the number of entries that a GPT has by convention (UEFI 2.10
// section 5.3: at least 16,384 bytes of 128-byte entries).
const maxGrow = 128

// Validate checks every field. Its errors wrap ErrInvalid and name the field.
func (m Manifest) Validate() error {
	for _, check := range []func() error{
		m.checkName, m.checkSizes, m.checkKinds, m.Provenance.check, m.checkFrames,
	} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return nil
}

// ValidName reports whether name can be the name of a master image: a letter or
// digit, then letters, digits, dots, underscores and dashes, all lower case. Such
// a name is safe as a file name and in a URL.
func ValidName(name string) bool {
	if name == "" || len(name) > MaxNameBytes || strings.ContainsRune("._-", rune(name[0])) {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

func (m Manifest) checkName() error {
	if m.Schema != Schema {
		return fmt.Errorf("schema %d, want %d", m.Schema, Schema)
	}
	if !ValidName(m.Name) {
		return fmt.Errorf("name %q: want 1 to %d of a-z 0-9 . _ -, the first a letter or digit", m.Name, MaxNameBytes)
	}
	return checkText("title", m.Title, 0, 200)
}

func (m Manifest) checkSizes() error {
	if m.LogicalSector != 512 && m.LogicalSector != 4096 {
		return fmt.Errorf("logical_sector %d, want 512 or 4096", m.LogicalSector)
	}
	if m.RawBytes == 0 || m.RawBytes%uint64(m.LogicalSector) != 0 {
		return fmt.Errorf("raw_bytes %d is not a multiple of logical_sector %d", m.RawBytes, m.LogicalSector)
	}
	if m.MinDriveBytes < m.RawBytes {
		return fmt.Errorf("min_drive_bytes %d is less than raw_bytes %d", m.MinDriveBytes, m.RawBytes)
	}
	if m.Grow < 0 || m.Grow > maxGrow {
		return fmt.Errorf("grow %d, want 0 to %d", m.Grow, maxGrow)
	}
	return nil
}

func (m Manifest) checkKinds() error {
	if len(m.Firmware) == 0 {
		return fmt.Errorf("firmware is empty: the image would boot nowhere")
	}
	seen := map[Firmware]bool{}
	for _, f := range m.Firmware {
		if f != BIOS && f != UEFI && f != SecureBoot {
			return fmt.Errorf("firmware %q is not known", f)
		}
		if seen[f] {
			return fmt.Errorf("firmware %q stands twice", f)
		}
		seen[f] = true
	}
	if m.Identity != IdentityNoCloud && m.Identity != IdentityNone {
		return fmt.Errorf("identity %q is not known", m.Identity)
	}
	if m.Confirm != ConfirmFirstBoot && m.Confirm != ConfirmOperator {
		return fmt.Errorf("confirm %q is not known", m.Confirm)
	}
	if m.Confirm == ConfirmFirstBoot && m.Identity == IdentityNone {
		return fmt.Errorf("confirm %q needs identity %q, which carries the token of the call", m.Confirm, IdentityNoCloud)
	}
	return nil
}

func (p Provenance) check() error {
	if err := checkText("provenance.source", p.Source, 1, 500); err != nil {
		return err
	}
	if err := checkText("provenance.tool", p.Tool, 1, 100); err != nil {
		return err
	}
	if _, err := parseHash(p.SourceSHA256); err != nil {
		return fmt.Errorf("provenance.source_sha256: %w", err)
	}
	if t, err := time.Parse(time.RFC3339, p.Created); err != nil || t.Location() != time.UTC {
		return fmt.Errorf("provenance.created %q, want RFC 3339 in UTC", p.Created)
	}
	return nil
}

// checkText bounds text that is shown to people: no control characters, which
// could repaint a terminal.
func checkText(field, s string, min, max int) error {
	if len(s) < min || len(s) > max {
		return fmt.Errorf("%s has %d bytes, want %d to %d", field, len(s), min, max)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%s holds control characters or is not UTF-8", field)
	}
	return nil
}

// parseHash reads a SHA-256 in lower-case hex.
func parseHash(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 || strings.ToLower(s) != s {
		return nil, fmt.Errorf("%.70q is not a SHA-256 in lower-case hex", s)
	}
	return b, nil
}

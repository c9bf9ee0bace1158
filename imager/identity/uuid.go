package identity

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// UUID is an SMBIOS UUID in the byte order of its text form.
type UUID [16]byte

// ParseUUID reads the 8-4-4-4-12 text form, in either case, with or without
// braces. It reports whether the text was one; a lie is still a UUID.
func ParseUUID(s string) (UUID, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "{"), "}")
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UUID{}, false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != len(UUID{}) {
		return UUID{}, false
	}
	return UUID(b), true
}

// Swapped returns the UUID with its first three fields in the other byte order.
// DSP0134 section 7.2.1 has them little-endian; firmware before SMBIOS 2.6, and
// some loaders, have them as they come.
func (u UUID) Swapped() UUID {
	u[0], u[1], u[2], u[3] = u[3], u[2], u[1], u[0]
	u[4], u[5] = u[5], u[4]
	u[6], u[7] = u[7], u[6]
	return u
}

// Same reports whether two UUIDs are equal in either byte order.
func (u UUID) Same(v UUID) bool { return u == v || u == v.Swapped() }

// Canonical returns the one text by which a UUID is compared: the lesser of its
// two byte orders, in lower case. It is "" for what is no UUID, and for a lie.
func Canonical(s string) string {
	u, ok := ParseUUID(s)
	if !ok || u.Lie() {
		return ""
	}
	if v := u.Swapped(); bytes.Compare(v[:], u[:]) < 0 {
		u = v
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// Lie reports whether many machines share this UUID because nobody set it: one
// byte repeated (all F, all 0), counting up, or one of the defaults in
// sharedUUIDs.
func (u UUID) Lie() bool {
	if u.patterned() || u.Swapped().patterned() {
		return true
	}
	for _, s := range sharedUUIDs() {
		if shared, ok := ParseUUID(s); ok && u.Same(shared) {
			return true
		}
	}
	return false
}

// patterned reports whether u is one byte repeated, or counts up.
func (u UUID) patterned() bool {
	repeated, counting := true, true
	for i := 1; i < len(u); i++ {
		repeated = repeated && u[i] == u[0]
		counting = counting && u[i] == u[i-1]+1
	}
	return repeated || counting
}

// sharedUUIDs are firmware makers' defaults that were shipped unchanged.
func sharedUUIDs() []string {
	return []string{
		"03000200-0400-0500-0006-000700080009", // AMI Aptio's default, on many white boxes
		"01234567-8910-1112-1314-151617181920", // another template left as it was
		"12345678-1234-5678-90ab-cddeefaabbcc", // Phoenix's example
		"fefefefe-fefe-fefe-fefe-fefefefefefe",
		"00112233-4455-6677-8899-aabbccddeeff",
	}
}

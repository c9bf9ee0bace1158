// Package seed renders the NoCloud seed of an installed machine: the files that
// the agent writes to the image's CIDATA partition
// (https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html).
//
// The one-time token of the first-boot call stands in a file of its own, which
// cloud-init does not read and so copies nowhere. The user-data is a script that
// makes the call, then overwrites the CIDATA partition and turns cloud-init off.
package seed

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// firstBoot is the user-data. It holds nothing of one machine.
//
//go:embed first-boot.sh
var firstBoot []byte

// callFile is where first-boot.sh reads whom to call, in the form of a curl
// configuration file.
const callFile = "callhome"

// Params are what the seed of one machine says.
type Params struct {
	Hostname   string // RFC 1123: one or more labels
	InstanceID string // new for each installation: cloud-init starts afresh by it
	// CallHomeURL is where the first boot calls, without the token:
	// "https://10.0.0.1:8443/first-boot/v1". The token is added as one more
	// path element.
	CallHomeURL string
	// Pin is the SHA-256 of the controller's public key (DER of its
	// SubjectPublicKeyInfo) in unpadded base64url, as in package cmdline.
	Pin string
	// Token is good for one call. If it is empty no call is made, and
	// CallHomeURL and Pin are not looked at.
	Token string
}

// ErrInvalid is wrapped by every error of Render.
var ErrInvalid = errors.New("invalid seed")

// Render returns the seed's files by name. The same parameters give the same
// bytes.
func Render(p Params) (map[string][]byte, error) {
	if !validHostname(p.Hostname) {
		return nil, fmt.Errorf("%w: host name %q: want letters, digits and dashes (RFC 1123); correct the profile's pattern", ErrInvalid, p.Hostname)
	}
	if !validWord(p.InstanceID, 128) {
		return nil, fmt.Errorf("%w: instance id %q", ErrInvalid, p.InstanceID)
	}
	files := map[string][]byte{
		"meta-data":      fmt.Appendf(nil, "instance-id: %q\nlocal-hostname: %q\n", p.InstanceID, p.Hostname),
		"user-data":      firstBoot,
		"network-config": []byte(networkConfig),
	}
	if p.Token == "" {
		return files, nil
	}
	call, err := callConfig(p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	files[callFile] = call
	return files, nil
}

// networkConfig asks for DHCP on any wired port, whichever is cabled. The boot does
// not wait for one.
const networkConfig = `version: 2
ethernets:
  wired:
    match:
      name: "e*"
    dhcp4: true
    dhcp6: true
    optional: true
`

// callConfig returns whom to call as a curl configuration file (curl(1),
// --config). The certificate's names and dates are not looked at: the clock of the
// machine may be wrong. The pinned key alone counts.
func callConfig(p Params) ([]byte, error) {
	pin, err := base64.RawURLEncoding.DecodeString(p.Pin)
	if err != nil || len(pin) != 32 {
		return nil, fmt.Errorf("pin %q is not a SHA-256 in unpadded base64url", p.Pin)
	}
	if !validWord(p.Token, 512) {
		return nil, errors.New("the token has characters that do not belong into a URL")
	}
	u, err := url.Parse(p.CallHomeURL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is not a plain https URL", p.CallHomeURL)
	}
	address := u.JoinPath(p.Token).String()
	if strings.ContainsAny(address, "\"\\\r\n\t ") {
		return nil, fmt.Errorf("%q has characters that curl would misread", p.CallHomeURL)
	}
	return fmt.Appendf(nil, "url = \"%s\"\npinnedpubkey = \"sha256//%s\"\ninsecure\n",
		address, base64.StdEncoding.EncodeToString(pin)), nil
}

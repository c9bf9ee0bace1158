// Package cmdline holds the kernel parameters by which the boot server speaks
// to the agent that it starts. They travel in clear, so nothing in them is worth
// more than this one boot of this one machine.
package cmdline

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// The names of the parameters.
const (
	keyController = "regain.controller"
	keyPin        = "regain.pin"
	keyToken      = "regain.token"
	keyMAC        = "regain.mac"
	keyMedia      = "regain.media"
)

// Params are the parameters of one boot.
type Params struct {
	// Controller is the base URL of the agent API, "https://10.0.0.1:8443".
	Controller string
	// Pin is the SHA-256 of the controller's public key (DER of its
	// SubjectPublicKeyInfo, RFC 7469 section 2.4) in unpadded base64url.
	Pin string
	// Token proves to the controller that this boot was its own.
	Token string
	// MAC is the address that the firmware booted through, lower case with
	// colons; the agent uses the interface that has it.
	MAC string
	// Media names the image that the machine was started from, 16 hex digits, if
	// that is a USB stick. An agent with nothing else finds its controller by
	// itself.
	Media string
}

// Check reports what is wrong with the controller's address.
func (p Params) Check() error {
	u, err := url.Parse(p.Controller)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("parameter %s: %q is not an https URL", keyController, p.Controller)
	}
	return nil
}

// String returns the parameters as they stand on the kernel's command line.
func (p Params) String() string {
	var words []string
	for _, w := range []struct{ key, value string }{
		{keyController, p.Controller}, {keyPin, p.Pin}, {keyToken, p.Token}, {keyMAC, p.MAC}, {keyMedia, p.Media},
	} {
		if w.value != "" {
			words = append(words, w.key+"="+w.value)
		}
	}
	return strings.Join(words, " ")
}

// ErrMissing is returned by Parse when a parameter without which the agent
// cannot reach its controller is missing.
var ErrMissing = errors.New("the kernel's command line lacks a parameter of Regain: boot this machine through the Regain boot server")

// Parse reads the parameters from a kernel command line (/proc/cmdline). Words
// that are not Regain's are passed over; of a repeated word the last counts, as
// with the kernel's own.
func Parse(line string) (Params, error) {
	var p Params
	for _, word := range strings.Fields(line) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case keyController:
			p.Controller = value
		case keyPin:
			p.Pin = value
		case keyToken:
			p.Token = value
		case keyMAC:
			p.MAC = strings.ToLower(value)
		case keyMedia:
			p.Media = value
		}
	}
	if p.Media != "" && p.Controller == "" && p.Pin == "" && p.Token == "" {
		return p, nil
	}
	for _, need := range []struct{ key, value string }{
		{keyController, p.Controller}, {keyPin, p.Pin}, {keyToken, p.Token},
	} {
		if need.value == "" {
			return Params{}, fmt.Errorf("%w: %s", ErrMissing, need.key)
		}
	}
	if err := p.Check(); err != nil {
		return Params{}, err
	}
	return p, nil
}

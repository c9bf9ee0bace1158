// Package enrol checks the code that a machine started from a stick shows on its
// screen and a person types (see api.Enrolment). It is pure.
package enrol

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"

	"regain.example/agent/api"
)

// Errors of Check.
var (
	// ErrForm: what was typed can be no code.
	ErrForm = fmt.Errorf("a code has %d letters and digits, in two groups on the machine's screen", api.CodeLength)
	// ErrCode: it is not the code of that machine, or that machine sees another
	// controller.
	ErrCode = errors.New("this is not the code on the machine's screen")
)

// Normalise returns a code in the characters of api.CodeAlphabet, without what
// people put between them. As Crockford's base 32 asks for, O is read as 0, I and
// L as 1. The error is ErrForm.
func Normalise(typed string) (string, error) {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '.', '_':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, typed)
	if len(code) != api.CodeLength || strings.Trim(code, api.CodeAlphabet) != "" {
		return "", ErrForm
	}
	return code, nil
}

// Check returns the controller's proof if the code is the one of e, and the agent
// that drew it saw the controller of pin. Errors wrap ErrForm or ErrCode.
func Check(typed string, e api.Enrolment, pin string) (proof []byte, err error) {
	code, err := Normalise(typed)
	if err != nil {
		return nil, err
	}
	key, err := api.CodeKey(code, e.Nonce)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(api.AgentProof(key, pin), e.Proof) {
		return nil, ErrCode
	}
	return api.ControllerProof(key, pin), nil
}

package api

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
)

// Enrolment takes the place of the token in the registration of an agent that no
// boot server started. Such an agent draws a code, shows it on its screen, and
// notes the key of the controller that it meets (its pin). Whoever stands before
// the machine types the code where it is approved. Then each side has seen that
// the other knows the code, and that both mean the same controller: a machine in
// the middle has a key of its own, and so another pin.
//
// The code itself never crosses the wire.
type Enrolment struct {
	// Nonce is drawn once in each boot together with the code, EnrolNonceBytes.
	Nonce []byte `json:"nonce"`
	// Proof is AgentProof of the code's key.
	Proof []byte `json:"proof"`
}

const (
	// EnrolNonceBytes is the length of an Enrolment's nonce.
	EnrolNonceBytes = 16
	// CodeLength is the number of characters of a code, 5 bits each.
	CodeLength = 8
	// CodeAlphabet are the characters of a code: Douglas Crockford's base 32,
	// which has no letter that looks like another or like a digit.
	CodeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// codeIterations make guessing a code from a proof dear, and cost an old
	// computer less than a second.
	codeIterations = 100_000
)

// CodeKey stretches a code, in the characters of CodeAlphabet without separators,
// with the nonce of its Enrolment (PBKDF2 with HMAC-SHA-256, RFC 8018).
func CodeKey(code string, nonce []byte) ([]byte, error) {
	return pbkdf2.Key(sha256.New, code, nonce, codeIterations, sha256.Size)
}

// AgentProof shows that the agent knows the code, and which controller it sees:
// pin is as in the kernel parameters (package cmdline).
func AgentProof(key []byte, pin string) []byte { return codeProof(key, "agent", pin) }

// ControllerProof shows that the controller knows the code: Order.Proof.
func ControllerProof(key []byte, pin string) []byte { return codeProof(key, "controller", pin) }

func codeProof(key []byte, who, pin string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("regain enrolment 1\x00" + who + "\x00" + pin))
	return h.Sum(nil)
}

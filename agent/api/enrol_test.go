package api

import (
	"encoding/hex"
	"testing"
)

// TestProofs holds the wire: the values were computed with Python's
// hashlib.pbkdf2_hmac and hmac, from the words of this package's documentation.
func TestProofs(t *testing.T) {
	nonce := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	const pin = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	key, err := CodeKey("7K3MQ9XT", nonce)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what string
		got  []byte
		want string
	}{
		{"key", key, "b83e6459ffedf71d55efdb627618fc049710527d2305cb27d1440691dd787133"},
		{"the agent's proof", AgentProof(key, pin), "2f8e1f974f2d5eb1ab435ecb666771c9865cf719c20c07acff8a7d24c9b0cefc"},
		{"the controller's proof", ControllerProof(key, pin), "dfee117370e8569af0d6c3bb1e4785e17c15abd6316ac9b8ddfeda239621bac1"},
	} {
		if got := hex.EncodeToString(test.got); got != test.want {
			t.Errorf("%s is %s, want %s", test.what, got, test.want)
		}
	}
}

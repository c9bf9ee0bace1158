package enrol

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"regain.example/agent/api"
)

func TestNormalise(t *testing.T) {
	for typed, want := range map[string]string{
		"7K3MQ9XT":                "7K3MQ9XT",
		"7K3M-Q9XT":               "7K3MQ9XT",
		" 7k3m q9xt\t":            "7K3MQ9XT",
		"7k3m\u2013q9xt":          "7K3MQ9XT",
		"oO00-iIlL":               "00001111",
		"7K3M-Q9XU":               "", // no U
		"7K3M-Q9X":                "",
		"7K3M-Q9XTT":              "",
		"":                        "",
		"--------":                "",
		"7K3M/Q9XT":               "",
		"\u0417K3MQ9XT":           "", // Cyrillic
		strings.Repeat("7", 1000): "",
	} {
		got, err := Normalise(typed)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%.20q: %q, %v, want %q", typed, got, err, want)
		}
	}
}

// FuzzNormalise: what comes out is a code, and stays as it is.
func FuzzNormalise(f *testing.F) {
	f.Add("7k3m-q9xt")
	f.Add("oil\u00a0OIL 00")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := Normalise(typed)
		if err != nil {
			return
		}
		if len(code) != api.CodeLength || strings.Trim(code, api.CodeAlphabet) != "" {
			t.Errorf("%q gives %q", typed, code)
		}
		if again, err := Normalise(code); again != code || err != nil {
			t.Errorf("%q gives %q, and that gives %q, %v", typed, code, again, err)
		}
	})
}

// TestCheck: every part of what was proved must be the same.
func TestCheck(t *testing.T) {
	nonce := bytes.Repeat([]byte{7}, api.EnrolNonceBytes)
	key, err := api.CodeKey("7K3MQ9XT", nonce)
	if err != nil {
		t.Fatal(err)
	}
	good := api.Enrolment{Nonce: nonce, Proof: api.AgentProof(key, "pin")}
	otherNonce, swapped := good, good
	otherNonce.Nonce = bytes.Repeat([]byte{8}, api.EnrolNonceBytes)
	swapped.Proof = api.ControllerProof(key, "pin")
	for name, test := range map[string]struct {
		typed string
		e     api.Enrolment
		pin   string
		want  error
	}{
		"right":                  {"7k3m-q9xt", good, "pin", nil},
		"another code":           {"7K3MQ9XS", good, "pin", ErrCode},
		"another controller":     {"7K3MQ9XT", good, "another pin", ErrCode},
		"another boot":           {"7K3MQ9XT", otherNonce, "pin", ErrCode},
		"our own proof":          {"7K3MQ9XT", swapped, "pin", ErrCode},
		"no proof":               {"7K3MQ9XT", api.Enrolment{Nonce: nonce}, "pin", ErrCode},
		"a code of another form": {"7K3M", good, "pin", ErrForm},
	} {
		proof, err := Check(test.typed, test.e, test.pin)
		if !errors.Is(err, test.want) || (proof != nil) != (test.want == nil) {
			t.Errorf("%s: %x, %v, want %v", name, proof, err, test.want)
		}
		if test.want == nil && !bytes.Equal(proof, api.ControllerProof(key, "pin")) {
			t.Errorf("%s: the answer is another one", name)
		}
	}
}

package manifest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"aead.dev/minisign"

	"regain.example/images/manifest"
)

func newKey(t *testing.T) (string, minisign.PrivateKey) {
	t.Helper()
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return public.String(), private
}

func TestOpen(t *testing.T) {
	public, private := newKey(t)
	other, _ := newKey(t)
	data, err := valid().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	sig := manifest.Sign(private, data, "debian12")

	m, err := manifest.Open(data, sig, public)
	if err != nil || m.Name != "debian12" {
		t.Fatalf("Open = %q, %v", m.Name, err)
	}
	whole := "untrusted comment: a public key file\n" + public + "\n"
	if _, err := manifest.Open(data, sig, whole); err != nil {
		t.Errorf("with a public key file: %v", err)
	}

	changed := append([]byte{}, data...)
	changed[len(changed)/2] ^= 1
	comment := append([]byte{}, sig...)
	comment[len(comment)-100] ^= 1 // within the trusted comment
	for name, c := range map[string]struct {
		data, sig []byte
		key       string
	}{
		"one bit of the manifest": {changed, sig, public},
		"the trusted comment":     {data, comment, public},
		"another key":             {data, sig, other},
		"no signature":            {data, nil, public},
		"no key":                  {data, sig, ""},
		"signature cut short":     {data, sig[:len(sig)/2], public},
	} {
		if m, err := manifest.Open(c.data, c.sig, c.key); !errors.Is(err, manifest.ErrSignature) || m.Name != "" {
			t.Errorf("%s: Open = %q, %v, want ErrSignature", name, m.Name, err)
		}
	}
}

// A signature by the right key does not excuse a manifest that makes no sense.
func TestOpenSignedNonsense(t *testing.T) {
	public, private := newKey(t)
	data := []byte(`{"schema":1}`)
	if _, err := manifest.Open(data, manifest.Sign(private, data, "x"), public); !errors.Is(err, manifest.ErrInvalid) {
		t.Errorf("error %v, want ErrInvalid", err)
	}
}

// Debian's minisign must accept our signatures, and we its.
func TestStockMinisign(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	data, err := valid().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		out, err := exec.Command("minisign", args...).CombinedOutput()
		return string(out), err
	}
	write("debian12.json", data)

	public, private := newKey(t)
	write("debian12.json.minisig", manifest.Sign(private, data, "debian12"))
	if out, err := run("-V", "-P", public, "-m", path("debian12.json")); err != nil {
		t.Errorf("minisign -V refuses our signature: %v\n%s", err, out)
	}
	write("changed.json", append(data, ' '))
	if out, err := run("-V", "-P", public, "-m", path("changed.json"), "-x", path("debian12.json.minisig")); err == nil {
		t.Errorf("minisign -V accepts a changed file: %s", out)
	}

	if out, err := run("-G", "-W", "-p", path("k.pub"), "-s", path("k.sec")); err != nil {
		t.Fatalf("minisign -G: %v\n%s", err, out)
	}
	pub, err := os.ReadFile(path("k.pub"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"-H", "-l"} { // prehashed, legacy
		if out, err := run("-S", kind, "-s", path("k.sec"), "-m", path("debian12.json"), "-x", path("sig")); err != nil {
			t.Fatalf("minisign -S %s: %v\n%s", kind, err, out)
		}
		sig, err := os.ReadFile(path("sig"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := manifest.Open(data, sig, string(pub)); err != nil {
			t.Errorf("signature by minisign -S %s: %v", kind, err)
		}
	}
}

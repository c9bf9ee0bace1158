package catalogue_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

func TestSigningKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "images.key")
	made, err := catalogue.SigningKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := catalogue.SigningKey(path)
	if err != nil || !again.Equal(made) {
		t.Errorf("read again: another key, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := catalogue.SigningKey(path); !errors.Is(err, catalogue.ErrKeyMode) {
		t.Errorf("readable by others: %v, want ErrKeyMode", err)
	}
	if err := os.WriteFile(path, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	// A damaged key is never replaced by a new one: the images signed with it
	// would be lost without a word.
	if _, err := catalogue.SigningKey(path); err == nil {
		t.Error("a damaged key: no error")
	}
}

// The key files are stock minisign's: it signs with the one and verifies with the
// other.
func TestKeyFilesAreMinisigns(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "images.key")
	key, err := catalogue.SigningKey(path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("minisign", "-S", "-s", path, "-m", file).CombinedOutput(); err != nil {
		t.Errorf("minisign -S: %v\n%s", err, out)
	}
	if err := os.WriteFile(file+".minisig", manifest.Sign(key, []byte("x"), "x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("minisign", "-V", "-p", path+".pub", "-m", file).CombinedOutput(); err != nil {
		t.Errorf("minisign -V: %v\n%s", err, out)
	}
}

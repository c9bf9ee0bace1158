package catalogue_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"regain.example/images/catalogue"
)

// killEnv makes the test binary add an image, for a test that kills it.
const killEnv = "CATALOGUE_TEST_ADD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killEnv); dir != "" {
		addUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

func addUntilKilled(dir string) {
	key, err := catalogue.SigningKey(filepath.Join(dir, "key"))
	if err != nil {
		panic(err)
	}
	c, err := catalogue.Open(filepath.Join(dir, "images"), key)
	if err != nil {
		panic(err)
	}
	o := options("debian")
	o.Progress = func(done, total uint64) {
		fmt.Println(done)
		select {} // half-way for ever
	}
	_, err = c.Add(context.Background(), os.Args[len(os.Args)-1], o)
	panic(err)
}

// An Add that is killed leaves nothing listed, and the next one clears away.
func TestKilledAdd(t *testing.T) {
	dir, disk := t.TempDir(), makeDisk(t)
	cmd := exec.Command(os.Args[0], disk)
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the process that adds said nothing")
	}
	key, err := catalogue.SigningKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.Open(filepath.Join(dir, "images"), key)
	if err != nil {
		t.Fatal(err)
	}
	// While it works, nobody else adds.
	if _, err := c.Add(context.Background(), disk, options("other")); err == nil {
		t.Error("two images were added at once")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // killed: its error says only that
	left := func() []string {
		t.Helper()
		l, err := filepath.Glob(filepath.Join(dir, "images", ".adding-*"))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if len(left()) != 1 {
		t.Fatalf("the test did not kill half-way: %v", left())
	}
	nothingListed(t, c)

	add(t, c, disk, options("debian"))
	if err := c.Verify(context.Background(), "debian", nil); err != nil {
		t.Error(err)
	}
	if len(left()) != 0 {
		t.Errorf("left behind: %v", left())
	}
}

// Each step of putting the files in place, cut off: only the last makes an image.
func TestHalfInPlace(t *testing.T) {
	c, dir := open(t)
	add(t, c, makeDisk(t), options("debian"))
	sig := filepath.Join(dir, "debian.json.minisig")
	if err := os.Rename(sig, sig+".away"); err != nil {
		t.Fatal(err)
	}
	nothingListed(t, c)
	add(t, c, makeDisk(t), options("debian"))
}

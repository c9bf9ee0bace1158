package supervise

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// The test's own binary plays the agent.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY") {
	case "panic":
		panic("index out of range")
	case "exit":
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func agent(t *testing.T, play string) (Agent, *os.File) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return Agent{Path: "/proc/self/exe", Args: []string{"agent"}, Env: []string{"PLAY=" + play}, Output: out}, out
}

func TestOnce(t *testing.T) {
	for _, test := range []struct{ play, status, tail string }{
		{"panic", "exit status 2", "index out of range"},
		{"exit", "exit status 3", ""},
	} {
		a, out := agent(t, test.play)
		c, err := once(a)
		if err != nil {
			t.Fatal(err)
		}
		if c.Reason() != "" != (test.play == "panic") || !strings.Contains(c.Reason(), test.tail) {
			t.Errorf("%s: reason %q", test.play, c.Reason())
		}
		if c.Status != test.status || !strings.Contains(c.Tail, test.tail) {
			t.Errorf("%s: %+v", test.play, c)
		}
		if shown, err := os.ReadFile(out.Name()); err != nil || string(shown) != c.Tail {
			t.Errorf("%s: shown %q, %v", test.play, shown, err)
		}
	}
}

func TestForeverStartsAgain(t *testing.T) {
	a, _ := agent(t, "exit")
	a.Pause = time.Millisecond
	enough := errors.New("enough")
	crashes := 0
	defer func() {
		if recover() != enough || crashes != 3 {
			t.Errorf("%d crashes", crashes)
		}
	}()
	_ = Forever(a, func(Crash) {
		if crashes++; crashes == 3 {
			panic(enough)
		}
	})
}

func TestAgentThatCannotStart(t *testing.T) {
	a, _ := agent(t, "exit")
	a.Path = "/nowhere"
	if err := Forever(a, func(Crash) { t.Error("told of a crash") }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Forever: %v", err)
	}
}

func TestTail(t *testing.T) {
	var w bytes.Buffer
	long := strings.Repeat("x", 3*tailBytes) + "the end"
	got := keepTail(strings.NewReader(long), &w)
	if len(got) != tailBytes || !strings.HasSuffix(got, "the end") || w.String() != long {
		t.Errorf("kept %d bytes, passed on %d", len(got), w.Len())
	}
}

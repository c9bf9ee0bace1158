package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPage(t *testing.T) {
	for name, v := range scenes() {
		t.Run(name, func(t *testing.T) {
			got := page(v, 80, 25)
			lines := strings.Split(got, "\r\n")
			if len(lines) != 25 {
				t.Errorf("%d lines, want 25", len(lines))
			}
			for _, l := range lines {
				plain := strings.NewReplacer("\x1b[K", "", "\x1b[0;1;37;44m", "", "\x1b[0;1;33;40m", "", "\x1b[0;1;37;42m", "", "\x1b[0;1;37;41m", "").Replace(l)
				if n := utf8.RuneCountInString(plain); n >= 80 || strings.Contains(plain, "\x1b") {
					t.Errorf("line of %d characters: %q", n, plain)
				}
			}
			goldenText(t, name+".txt", strings.ReplaceAll(got, "\x1b", "␛"))
		})
	}
}

func goldenText(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s: look at it, then go test -update\n%s", path, got)
	}
}

func TestLine(t *testing.T) {
	v := scenes()["working"]
	a := v.line()
	v.Drives[0].Fraction += 0.1
	if b := v.line(); a != b {
		t.Errorf("the serial console is told each percent: %q, %q", a, b)
	}
	v.Drives[0].State = "done"
	if b := v.line(); a == b || !strings.Contains(b, "machine 17") {
		t.Errorf("line %q", b)
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"no link": "No link.", "Fine!": "Fine!", "": ""} {
		if got := Sentence(textError(in)); got != want {
			t.Errorf("Sentence(%q) = %q", in, got)
		}
	}
}

type textError string

func (e textError) Error() string { return string(e) }

package console

import (
	"slices"
	"strings"
	"testing"
)

func TestWrapText(t *testing.T) {
	for _, test := range []struct {
		s    string
		n    int
		want []string
	}{
		{"one two three", 8, []string{"one two", "three"}},
		{"bay 1: pull\nbay 2: pull", 40, []string{"bay 1: pull", "bay 2: pull"}},
		{"bay 1: pull\n\nbay 2", 8, []string{"bay 1:", "pull", "bay 2"}},
		{"serial 0123456789abcdef", 10, []string{"serial", "0123456789", "abcdef"}},
		{"", 8, nil},
	} {
		if got := wrapText(test.s, test.n); !slices.Equal(got, test.want) {
			t.Errorf("%q in %d: %q", test.s, test.n, got)
		}
	}
}

// Nothing of an advice is lost without a word on it.
func TestCut(t *testing.T) {
	lines := []string{"a", "b", "c"}
	if got := cut(lines, 3); !slices.Equal(got, lines) {
		t.Errorf("%q", got)
	}
	if got := cut(lines, 2); !slices.Equal(got, []string{"a", more}) {
		t.Errorf("%q", got)
	}
	if got := cut(lines, 0); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// Every drive of a long advice is named on the screen, or the screen says that
// there is more.
func TestEveryDriveIsNamed(t *testing.T) {
	for _, drives := range []int{1, 3, 8, 12, 40} {
		v := View{Mood: Red, Machine: 3, Name: "PC", Title: "Quarantine", Message: destroy(drives)}
		got := page(v, 80, 25)
		named := strings.Count(got, "WDES12E")
		if named != drives && !strings.Contains(got, more) {
			t.Errorf("%d drives: %d are named, and no word on the others", drives, named)
		}
	}
}

func TestSerialLineIsOneLine(t *testing.T) {
	if l := (View{Title: "Quarantine", Message: "one\ntwo"}).line(); strings.Contains(l, "\n") {
		t.Errorf("%q", l)
	}
}

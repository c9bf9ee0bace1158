package bootwatch

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/operating.md anew")

const (
	document = "../../docs/operating.md"
	begin    = "<!-- From imager/bootwatch: go test ./imager/bootwatch -update -->\n"
	end      = "<!-- end -->\n"
)

// TestDocument: the table that people read says what the page says.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	table, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", document)
	}
	want := markdown()
	if *update {
		if err := os.WriteFile(document, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not what the page says; go test -update writes it anew. It should be:\n%s", document, want)
	}
}

func markdown() string {
	var b strings.Builder
	b.WriteString("| kind | what the page says | what to do |\n|---|---|---|\n")
	for _, k := range Kinds() {
		w := k.words()
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k, w.cause, w.advice)
	}
	return b.String()
}

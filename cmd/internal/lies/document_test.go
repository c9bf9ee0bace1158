package lies

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"regain.example/agent/lab"
)

// document holds the table of lies, checks and tests.
const document = "../../../docs/erasure.md"

// rows is the table as it has to stand there.
func rows() string {
	var b strings.Builder
	b.WriteString("| lie | what the drive does | what catches it | row of the verdict | test |\n|---|---|---|---|---|\n")
	row := func(name, does, caught, rules, test string) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` |\n", name, does, caught, rules, test)
	}
	for _, l := range lies() {
		row(l.name, l.does, l.caught, strings.Join(l.rules, ", "), "TestLies/"+strings.ReplaceAll(l.name, " ", "_"))
	}
	row("RestoreAtRead at the last", "brings content back at the last read of all", "every read is judged: the last sample, with `full` the last MiB", "content, noise", "TestContentThatComesBackLate")
	row("FirstNamespaceOnly", "erases its first namespace only", "markers on every namespace", "content", "TestFirstNamespaceOnly")
	row("ForgetsSanitize", "forgets a sanitize at a power cut", "it is begun anew unless it is seen in progress", "-", "TestForgottenSanitize")
	return b.String()
}

// TestDocument holds the document to the tests.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), rows()) {
		t.Errorf("%s does not hold this table:\n\n%s", document, rows())
	}
}

// TestEveryLieIsTold looks for lies of the laboratory that no test tells.
func TestEveryLieIsTold(t *testing.T) {
	var named []string
	for line := range strings.Lines(rows()) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok {
			first, _, _ := strings.Cut(name, " ")
			named = append(named, first)
		}
	}
	for f := range reflect.TypeFor[lab.Lies]().Fields() {
		if !slices.Contains(named, f.Name) {
			t.Errorf("no test tells the lie %s", f.Name)
		}
	}
}

package verdict

import (
	"os"
	"strings"
	"testing"

	"regain.example/imager"
)

// TestTableIsDocumented: the package comment and the handbook show the table that
// decides.
func TestTableIsDocumented(t *testing.T) {
	for file, prefix := range map[string]string{"doc.go": "//\t", "../../docs/erasure.md": ""} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for line := range strings.Lines(Table()) {
			want.WriteString(prefix + line)
		}
		if !strings.Contains(string(source), want.String()) {
			t.Errorf("the table in %s is not this one:\n%s", file, want.String())
		}
	}
}

// TestEveryRowDecides: no row is there for show, and each says what to do.
func TestEveryRowDecides(t *testing.T) {
	decided := map[string]bool{string(erased): true}
	for _, c := range cases() {
		s := good()[c.of]
		c.change(&s)
		decided[s.judge().Rule] = true
	}
	for _, c := range recheckCases() {
		s := keptSample()
		c.change(&s)
		decided[Recheck(s.plan, s.limits, s.ev).Rule] = true
	}
	for _, r := range table() {
		if !decided[string(r.rule)] {
			t.Errorf("no case falls under %q", r.rule)
		}
		if (r.outcome == imager.OutcomeErased) != (r.rule == erased) || (r.advice == nil) != (r.rule == erased) {
			t.Errorf("row %q: outcome %s, advice %v", r.rule, r.outcome, r.advice != nil)
		}
	}
}

// TestUnknownRule: a rule without a row is unknown.
func TestUnknownRule(t *testing.T) {
	if got := rule("nonsense").row().outcome; got != imager.OutcomeUnknown {
		t.Errorf("got %s", got)
	}
}

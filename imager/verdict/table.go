package verdict

import (
	"fmt"
	"strings"

	"regain.example/imager"
)

// rule names a row of the table.
type rule string

// row is one thing that evidence may lack or show. The first row that holds
// decides.
type row struct {
	rule    rule
	says    string // what the evidence says
	outcome imager.Outcome
	advice  remedy
}

// The rows, in the order in which they are looked at.
const (
	noEvidence    rule = "no-evidence"
	anotherDrive  rule = "another-drive"
	stopped       rule = "stopped"
	keptUnjudged  rule = "kept-unjudged"
	nothingDone   rule = "nothing-done"
	resumed       rule = "resumed"
	order         rule = "order"
	mayHaveRun    rule = "may-have-run"
	refused       rule = "refused"
	failed        rule = "error"
	contradiction rule = "contradiction"
	content       rule = "content"
	belied        rule = "belied"
	changed       rule = "changed"
	reach         rule = "reach"
	advertised    rule = "advertised"
	command       rule = "command"
	sanitizing    rule = "sanitize"
	writing       rule = "written"
	reading       rule = "read-back"
	marking       rule = "markers"
	sampling      rule = "samples"
	noise         rule = "noise"
	following     rule = "follow"
	worse         rule = "worse"
	beyond        rule = "limits"
	recheck       rule = "recheck"
	erased        rule = "erased"
)

func table() []row {
	const unknown, not = imager.OutcomeUnknown, imager.OutcomeNotErased
	return []row{
		{noEvidence, "nothing was received", unknown, again},
		{anotherDrive, "it is of another drive", unknown, lookAndAgain},
		{stopped, "the work stopped before its end", unknown, again},
		{keptUnjudged, "the drive was kept, and nothing of it was accepted", unknown, again},
		{nothingDone, "no method was tried", unknown, againThenPull},
		{resumed, "it goes on from what the controller did not order", unknown, again},
		{order, "a method was not planned, or came out of order", unknown, again},
		{mayHaveRun, "a method came after one that may have run", unknown, againThenPull},
		{refused, "the drive refused every method before it began", not, pull},
		{failed, "the method did not come to its end", unknown, againThenPull},
		{contradiction, "it contradicts itself", unknown, againThenPull},
		{content, "content of before, or no pattern, was read", not, pull},
		{belied, "the first of two methods left content, the second not", unknown, pull},
		{changed, "identity, size or format differ, or are not told", unknown, lookAndAgain},
		{reach, "a part of the drive is out of the method's reach", unknown, pull},
		{advertised, "the drive does not advertise the method", unknown, againThenPull},
		{command, "the command was another, or was not answered well", unknown, againThenPull},
		{sanitizing, "the sanitize log does not bear the command out", unknown, againThenPull},
		{writing, "not all was written and flushed", unknown, againThenPull},
		{reading, "not all that is due was read back", unknown, againThenPull},
		{marking, "markers are too few, or were not laid and read", unknown, againThenPull},
		{sampling, "samples are missing, too few, or of other places", unknown, againThenPull},
		{noise, "noise, where no key was forgotten", unknown, againThenPull},
		{following, "what must follow a cryptographic erasure is missing", unknown, againThenPull},
		{worse, "the drive's health became worse, or is now hidden", unknown, againThenPull},
		{beyond, "the drive is beyond the limits of the profile", unknown, destroy},
		{recheck, "a drive that was erased does not read as it did", unknown, againThenPull},
		{erased, "none of these", imager.OutcomeErased, nil},
	}
}

// Table is the verdict's table as text, for documents.
func Table() string {
	var b strings.Builder
	line := func(rule, says, outcome string) {
		fmt.Fprintf(&b, "%-14s %-53s %s\n", rule, says, outcome)
	}
	line("rule", "what the evidence says", "outcome")
	for _, r := range table() {
		line(string(r.rule), r.says, r.outcome.String())
	}
	return b.String()
}

// fault is an objection to evidence: the row that holds, and the case in words.
type fault struct {
	rule   rule
	reason string
	advice remedy // that of the row, if nil
}

func (r rule) because(form string, args ...any) *fault {
	return &fault{rule: r, reason: fmt.Sprintf(form, args...)}
}

func (r rule) row() row {
	for _, row := range table() {
		if row.rule == r {
			return row
		}
	}
	return row{} // unknown: the zero value
}

// first returns the first objection of several.
func first(faults ...*fault) *fault {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}

// Package identity decides whether an inventory is that of a machine that is
// already known. It is pure. The reasons stand in docs/adr/0001.
//
// Each witness agrees, contradicts or is silent:
//
//	witness                           agrees  contradicts
//	SMBIOS UUID, in either byte order     +4           -4
//	system serial                         +3           -3
//	board serial                          +3           -3
//	a built-in interface in common        +3           -3
//	the same, address locally drawn       +1           -1
//	a built-in, named drive in common     +2           -1
//
// A witness that lies (package lies) is silent. The machine is known at 3 if
// nothing but drives contradicts, else at 5. From 1 up to there it is ambiguous:
// it is then a stranger, with a note, and inherits nothing.
package identity

import (
	"fmt"
	"slices"
	"strings"

	"regain.example/agent/api"
)

// Known is a machine that was met before.
type Known struct {
	Number    int
	Inventory api.Inventory
}

// Result says who a machine is.
type Result struct {
	// Number is the known machine's; 0 for a stranger.
	Number int
	// Ambiguous lists the known machines that it may be. Then Number is 0.
	Ambiguous []int
	// Note is for people: what spoke for and against.
	Note string
}

// Thresholds; see the package comment.
const (
	enough          = 3
	enoughContested = 5
	// margin is by how much the best of several candidates must lead.
	margin = 2
)

// Decide finds the machine of inv among those known.
func Decide(inv api.Inventory, known []Known) Result {
	var same, maybe []match
	for _, k := range known {
		m := compare(inv, k.Inventory)
		m.number = k.Number
		switch {
		case m.score >= enoughContested, m.score >= enough && !m.contested:
			same = append(same, m)
		case m.score > 0:
			maybe = append(maybe, m)
		}
	}
	slices.SortStableFunc(same, func(a, b match) int { return b.score - a.score })
	switch {
	case len(same) == 1, len(same) > 1 && same[0].score-same[1].score >= margin:
		return Result{Number: same[0].number, Note: same[0].note()}
	case len(same) > 1:
		return ambiguous(same)
	case len(maybe) > 0:
		return ambiguous(maybe)
	}
	return Result{}
}

func ambiguous(ms []match) Result {
	var r Result
	var notes []string
	for _, m := range ms {
		r.Ambiguous = append(r.Ambiguous, m.number)
		notes = append(notes, fmt.Sprintf("machine %d (%s)", m.number, m.words()))
	}
	r.Note = "treated as a new machine, but it may be " + strings.Join(notes, " or ")
	return r
}

// match is how one known machine compares.
type match struct {
	number    int
	score     int
	contested bool // a witness other than the drives contradicts
	agree     []string
	contra    []string
}

func (m match) words() string {
	s := "the same " + strings.Join(m.agree, ", ")
	if len(m.contra) > 0 {
		s += "; another " + strings.Join(m.contra, ", ")
	}
	return s
}

func (m match) note() string {
	if len(m.contra) == 0 {
		return ""
	}
	return "recognised by " + strings.Join(m.agree, ", ") + ", although it has another " + strings.Join(m.contra, ", ")
}

func (m *match) add(name string, told, equal bool, plus, minus int) {
	switch {
	case !told:
	case equal:
		m.score += plus
		m.agree = append(m.agree, name)
	default:
		m.score -= minus
		m.contra = append(m.contra, name)
		m.contested = m.contested || name != "drives"
	}
}

func compare(a, b api.Inventory) match {
	var m match
	ua, okA := ParseUUID(a.System.UUID)
	ub, okB := ParseUUID(b.System.UUID)
	m.add("UUID", okA && okB && !ua.Lie() && !ub.Lie(), ua.Same(ub), 4, 4)

	sa, sb := credible(a.System.Serial), credible(b.System.Serial)
	m.add("system serial", sa != "" && sb != "", sa == sb, 3, 3)
	ba, bb := credible(a.System.BoardSerial), credible(b.System.BoardSerial)
	m.add("board serial", ba != "" && bb != "", ba == bb, 3, 3)

	ga, la := builtIn(a.NICs)
	gb, lb := builtIn(b.NICs)
	if len(ga) > 0 && len(gb) > 0 {
		m.add("network interface", true, common(ga, gb), 3, 3)
	} else {
		m.add("network interface", len(la) > 0 && len(lb) > 0, common(la, lb), 1, 1)
	}
	da, db := fixedDrives(a.Drives), fixedDrives(b.Drives)
	m.add("drives", len(da) > 0 && len(db) > 0, common(da, db), 2, 1)
	return m
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

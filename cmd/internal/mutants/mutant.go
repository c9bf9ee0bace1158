package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// mutant is a safety check of the project, taken out.
type mutant struct {
	name string
	// file is the source file, from the root of the module.
	file string
	// text is the check as it stands in file, exactly once; with takes its
	// place and lets everything pass.
	text, with string
	// test must fail when the check is gone. With a slash it names a subtest.
	test string
	// in is the package of the test, from the root of the module; "" is the
	// package of file.
	in string
	// hangs is set where nothing ends the test without the check but its
	// timeout.
	hangs bool
}

// pkg is the package of the test, from the root of the module.
func (m mutant) pkg() string {
	if m.in != "" {
		return m.in
	}
	return path.Dir(m.file)
}

// mutated returns the content of the file without the check.
func (m mutant) mutated(root string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(source), m.text); n != 1 {
		return nil, fmt.Errorf("the text %q stands %d times in %s, not once: bring the table up to date", m.text, n, m.file)
	}
	if m.with == m.text {
		return nil, fmt.Errorf("the replacement in %s changes nothing", m.file)
	}
	return []byte(strings.Replace(string(source), m.text, m.with, 1)), nil
}

// off is a mutant of which the condition text can never hold.
func off(name, file, text, test string) mutant {
	return mutant{name: name, file: file, text: text, with: disabled(text), test: test}
}

// disabled turns a condition off and keeps what it names in use, so that it
// still compiles: "if X {" becomes "if false && (X) {", and "case X:" likewise.
// Lines after the first stay as they are; they tell the place.
func disabled(text string) string {
	text, more, _ := strings.Cut(text, "\n")
	if more != "" {
		more = "\n" + more
	}
	for _, form := range [][2]string{{"if ", " {"}, {"case ", ":"}} {
		rest, ok := strings.CutPrefix(text, form[0])
		if !ok {
			continue
		}
		cond, ok := strings.CutSuffix(rest, form[1])
		if !ok {
			continue
		}
		before := ""
		if i := strings.LastIndex(cond, "; "); i >= 0 && form[0] == "if " {
			before, cond = cond[:i+2], cond[i+2:]
		}
		return form[0] + before + "false && (" + cond + ")" + form[1] + more
	}
	return text + more // which mutated reports
}

// from says that the test stands in another package.
func (m mutant) from(pkg string) mutant {
	m.in = pkg
	return m
}

// to gives the replacement, where it is not simply the condition turned off.
func (m mutant) to(with string) mutant {
	m.with = with
	return m
}

// hanging says that without the check the test waits for ever.
func (m mutant) hanging() mutant {
	m.hangs = true
	return m
}

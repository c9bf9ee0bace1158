package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTableFitsTheTree holds the table against the tree without running a mutant,
// so that whoever moves a check sees at once that its mutant stayed behind.
func TestTableFitsTheTree(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	tests := map[string]map[string]bool{}
	for _, m := range table() {
		if names[m.name] {
			t.Errorf("two mutants are called %q", m.name)
		}
		names[m.name] = true
		if err := fits(root, m, tests); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// fits says what is wrong with one row.
func fits(root string, m mutant, tests map[string]map[string]bool) error {
	changed, err := m.mutated(root)
	if err != nil {
		return err
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.file, changed, parser.SkipObjectResolution); err != nil {
		return fmt.Errorf("the mutant is no Go: %w", err)
	}
	if tests[m.pkg()] == nil {
		if tests[m.pkg()], err = testsOf(filepath.Join(root, m.pkg())); err != nil {
			return err
		}
	}
	if name, _, _ := strings.Cut(m.test, "/"); !tests[m.pkg()][name] {
		return fmt.Errorf("%s has no test %s", m.pkg(), name)
	}
	return nil
}

// testsOf lists the tests of a package that are built without tags.
func testsOf(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(source[:f.Package-f.FileStart]), "//go:build") {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				found[fn.Name.Name] = true
			}
		}
	}
	return found, nil
}

func TestDisabled(t *testing.T) {
	for text, want := range map[string]string{
		"if a && b {":             "if false && (a && b) {",
		"if x := f(); x != 1 {":   "if x := f(); false && (x != 1) {",
		"case a || b:":            "case false && (a || b):",
		"return nil":              "return nil",
		"if a {\n\tb()\n}":        "if false && (a) {\n\tb()\n}",
		"if e := f(); e != nil {": "if e := f(); false && (e != nil) {",
	} {
		if got := disabled(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// testTimeout is many times what any of the tests takes, hangTimeout what one
// takes that is not to come to its end.
const (
	testTimeout = 2 * time.Minute
	hangTimeout = 15 * time.Second
)

// bench builds and runs the tests of one package.
type bench struct {
	root string // of the module
	pkg  string // from the root
	dir  string // for what is built of the package
}

// build makes the package's test binary in dir, with content in the place of file; with
// nothing changed if file is "".
func (b bench) build(ctx context.Context, dir, file string, content []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "sound.test")
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o"}
	if file != "" {
		overlay, err := b.overlay(dir, file, content)
		if err != nil {
			return "", err
		}
		binary = filepath.Join(dir, "mutant.test")
		args = append(args, binary, "-overlay", overlay)
	} else {
		args = append(args, binary)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+b.pkg)...)
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, tail(out))
	}
	return binary, nil
}

// overlay writes what "go help build" says of -overlay.
func (b bench) overlay(dir, file string, content []byte) (string, error) {
	changed := filepath.Join(dir, "changed.go")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(b.root, file): changed}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, errors.Join(os.WriteFile(changed, content, 0o600), os.WriteFile(path, list, 0o600))
}

// end is how a test ended.
type end string

const (
	passed  end = "passes"
	failed  end = "fails"
	missing end = "does not exist, or is skipped"
	hung    end = "does not end"
	died    end = "ends neither well nor badly"
)

// test runs one test and believes only what is said of this test: a build that
// died early or a pattern that matches nothing is neither.
func (b bench) test(ctx context.Context, binary, name string, limit time.Duration) (end, string) {
	cmd := exec.CommandContext(ctx, binary, "-test.v", "-test.count=1", "-test.timeout", limit.String(), "-test.run", pattern(name))
	cmd.Dir = filepath.Join(b.root, b.pkg)
	out, err := cmd.CombinedOutput()
	said := func(what string) bool {
		return regexp.MustCompile(`(?m)^ *--- ` + what + `: ` + regexp.QuoteMeta(name) + ` \(`).Match(out)
	}
	late := bytes.Contains(out, []byte("panic: test timed out"))
	crashed := bytes.Contains(out, []byte("\npanic: ")) && !late
	switch {
	case err == nil && said("PASS"):
		return passed, ""
	case err == nil:
		return missing, tail(out)
	case said("FAIL"), crashed && bytes.Contains(out, []byte("=== RUN   "+name)):
		return failed, tail(out)
	case late:
		return hung, tail(out)
	}
	return died, fmt.Sprintf("%v\n%s", err, tail(out))
}

// pattern matches this test alone; each part between slashes is one level.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// tail is the end of what a command printed.
func tail(out []byte) string {
	const lines = 15
	all := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}

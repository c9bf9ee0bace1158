// Command mutants takes the project's safety checks out, one after the other,
// and shows that for each the named test fails. A check that no test misses is
// not a check.
//
// The tree is not touched: "go test -overlay" puts the changed file in the place
// of the real one. A mutant that does not compile is a mistake of the table, and
// so is a test that fails without the mutant, or does not exist.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		cancel()
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	only := flags.String("run", "", "run only the mutants whose name matches this regular `expression`")
	jobs := flags.Int("p", 2, "how many mutants are worked on at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("the expression of -run: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(table(), func(m mutant) bool { return !match.MatchString(m.name) })
	if len(chosen) == 0 {
		return fmt.Errorf("no mutant matches %q", *only)
	}
	began := time.Now()
	results, err := runAll(ctx, root, chosen, *jobs, out)
	if err != nil {
		return err
	}
	if bad := count(results, caught); bad != len(results) {
		return fmt.Errorf("%d of %d mutants were not caught", len(results)-bad, len(results))
	}
	fmt.Fprintf(out, "\n%d mutants, each caught by its test, in %d s\n", len(results), int(time.Since(began).Seconds()))
	return nil
}

func count(results []result, o outcome) int {
	n := 0
	for _, r := range results {
		if r.outcome == o {
			n++
		}
	}
	return n
}

// moduleRoot looks for go.mod from here upwards.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("find go.mod: this is not inside the module")
		}
		dir = up
	}
}

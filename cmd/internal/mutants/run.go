package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// outcome is what came of one mutant.
type outcome string

const (
	caught   outcome = "caught"
	survived outcome = "SURVIVED"
	broken   outcome = "ERROR" // the table is wrong, or the tree does not build
)

type result struct {
	mutant
	outcome outcome
	why     string
}

// runAll works on some mutants at once, prints each mutant's result as it comes
// and returns all of them.
func runAll(ctx context.Context, root string, mutants []mutant, jobs int, out io.Writer) ([]result, error) {
	dir, err := os.MkdirTemp("", "regain-mutants-")
	if err != nil {
		return nil, err
	}
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		results []result
		slots   = make(chan struct{}, max(1, jobs))
	)
	tell := func(r result) {
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
		fmt.Fprintf(out, "%-9s %-58s %s\n", r.outcome, r.name, r.pkg()+"."+r.test)
		if r.why != "" {
			fmt.Fprintf(out, "          %s\n", strings.ReplaceAll(strings.TrimSpace(r.why), "\n", "\n          "))
		}
	}
	for n, group := range byPackage(mutants) {
		b := bench{root: root, pkg: group[0].pkg(), dir: filepath.Join(dir, fmt.Sprint(n))}
		wg.Go(func() {
			slots <- struct{}{}
			sound, err := b.build(ctx, b.dir, "", nil)
			<-slots
			for i, m := range group {
				if err != nil {
					tell(result{m, broken, fmt.Sprintf("%s does not build as it is: %v", b.pkg, err)})
					err = errNotBuilt // once is enough
					continue
				}
				wg.Go(func() {
					slots <- struct{}{}
					defer func() { <-slots }()
					if ctx.Err() == nil {
						tell(b.one(ctx, sound, filepath.Join(b.dir, fmt.Sprint(i)), m))
					}
				})
			}
		})
	}
	wg.Wait()
	return results, errors.Join(context.Cause(ctx), os.RemoveAll(dir))
}

// byPackage groups the mutants by the package of their tests, in the order of
// the table.
func byPackage(mutants []mutant) [][]mutant {
	var groups [][]mutant
	at := map[string]int{}
	for _, m := range mutants {
		i, ok := at[m.pkg()]
		if !ok {
			i = len(groups)
			at[m.pkg()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// errNotBuilt stands for an error that was told already.
var errNotBuilt = errors.New("see above")

// one runs the mutant's test first as things are, and then without the check. dir
// is for what is built.
func (b bench) one(ctx context.Context, sound, dir string, m mutant) result {
	if got, output := b.test(ctx, sound, m.test, testTimeout); got != passed {
		return result{m, broken, fmt.Sprintf("the test %s as things are:\n%s", got, output)}
	}
	changed, err := m.mutated(b.root)
	if err != nil {
		return result{m, broken, err.Error()}
	}
	binary, err := b.build(ctx, dir, m.file, changed)
	if err != nil {
		return result{m, broken, fmt.Sprintf("the mutant does not compile: %v", err)}
	}
	defer os.RemoveAll(dir) //nolint:errcheck // all of it goes in the end
	limit := testTimeout
	if m.hangs {
		limit = hangTimeout
	}
	switch got, output := b.test(ctx, binary, m.test, limit); {
	case got == failed, got == hung && m.hangs:
		return result{m, caught, ""}
	case got == passed:
		return result{m, survived, fmt.Sprintf("%s: %q can be taken out, and %s still passes", m.file, m.text, m.test)}
	default:
		return result{m, broken, fmt.Sprintf("the test %s with the mutant:\n%s", got, output)}
	}
}

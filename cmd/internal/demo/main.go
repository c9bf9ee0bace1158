// Command demo runs Regain's main job on a virtual bench, before your eyes. It is
// what "make demo" calls.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"regain.example/cmd/internal/mainjob"
	"regain.example/cmd/internal/vbench"
)

func main() {
	firmware := flag.String("firmware", "uefi", "the bench's `firmware`: uefi, bios or secureboot")
	asJSON := flag.Bool("json", false, "print the summary as JSON on standard output, and the story on standard error")
	sweep := flag.Bool("sweep", false, "remove what killed benches left behind, and do nothing else")
	build := flag.String("build", "build", "`directory` of what make built")
	limit := flag.Duration("limit", 20*time.Minute, "give up after this time")
	flag.Parse()

	err := func() error {
		if *sweep {
			return sweepUp(*build)
		}
		return demo(vbench.Firmware(*firmware), *build, *asJSON, *limit)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func sweepUp(build string) error {
	for _, parent := range []string{build, ""} {
		removed, err := vbench.Sweep(parent)
		for _, dir := range removed {
			fmt.Println("removed", dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func demo(firmware vbench.Firmware, build string, asJSON bool, limit time.Duration) error {
	switch firmware {
	case vbench.UEFI, vbench.BIOS, vbench.SecureBoot:
	default:
		return fmt.Errorf("the firmware is uefi, bios or secureboot, not %q", firmware)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	story := io.Writer(os.Stdout)
	if asJSON {
		story = os.Stderr
	}
	t := newTeller(story)
	sum, err := mainjob.Run(ctx, mainjob.Config{
		Firmware: firmware, Build: build, Out: filepath.Join(build, "demo"), Step: t.step, View: t.view,
	})
	t.end()
	sum.OK = err == nil
	if err != nil {
		sum.Problem = err.Error()
	}
	if perr := show(&sum, asJSON); perr != nil && err == nil {
		err = perr
	}
	return err
}

func show(sum *mainjob.Summary, asJSON bool) error {
	if !asJSON {
		return sum.Print(os.Stdout)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(sum)
}

// Command regain is the controller of Regain and its command line.
//
// It exits with 0 if all is well, 1 if something went wrong or was refused, 2 if
// the command line is not understood or a confirmation is missing, and 3 if no
// controller answers.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"regain.example/cmd/internal/cli"
)

// The version and the time of the build (RFC 3339) are set by the linker:
// -ldflags "-X main.version=... -X main.built=...".
var (
	version = "devel"
	built   = ""
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Program{
		Version: version, Built: built, Args: os.Args[1:], Out: os.Stdout, Err: os.Stderr,
	})
}

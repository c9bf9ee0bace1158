// Package cli is the command line of regain: it reads flags, asks the running
// controller through its socket, and prints. Each command stands in a file of
// its own.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"regain.example/imager/admin"
)

// The exit statuses.
const (
	ExitOK          = 0
	ExitFailed      = 1 // something went wrong, or was refused
	ExitUsage       = 2 // the command line is not understood, or a confirmation is missing
	ExitUnreachable = 3 // no controller answers
)

// exits is shown in every help.
const exits = `
Exit status: 0 all is well; 1 something went wrong or was refused; 2 the command
line is not understood or a confirmation is missing; 3 no controller answers.
`

// Program is what the process gives to a command.
type Program struct {
	Version string
	Built   string // RFC 3339, or ""
	Args    []string
	Out     io.Writer
	Err     io.Writer
}

// errUsage is wrapped by mistakes in the command line.
var errUsage = errors.New("usage")

// errConfirm is returned where a person must say more before anything is done;
// what and how was printed.
var errConfirm = errors.New("not confirmed")

// command is one command, or a group of them.
type command struct {
	name     string
	args     string // after the flags, such as "NUMBER"
	short    string // one line for the list
	long     string // more, for its own help
	flags    func(*flag.FlagSet)
	run      func(ctx context.Context, p Program, args []string) error
	commands []command
}

// Run runs the command that p.Args names and returns the exit status.
func Run(ctx context.Context, p Program) int {
	err := dispatch(ctx, p, root(), "regain", p.Args)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return ExitOK
	case errors.Is(err, errConfirm):
		return ExitUsage
	}
	fmt.Fprintf(p.Err, "regain: %s\n", strings.TrimPrefix(err.Error(), errUsage.Error()+": "))
	switch {
	case errors.Is(err, errUsage):
		return ExitUsage
	case errors.Is(err, admin.ErrUnreachable):
		fmt.Fprintln(p.Err, "Is the controller running (regain serve), and may you use its socket (root may)?")
		return ExitUnreachable
	}
	return ExitFailed
}

func root() command {
	return command{
		short: "wipe, reimage and certify second-hand computers over the network",
		commands: []command{
			serveCommand(), machineCommand(), bootCommand(), driveCommand(), imageCommand(), verdictCommand(), mediaCommand(), firewallCommand(), doctorCommand(), versionCommand(),
		},
	}
}

// dispatch walks down the groups, reads the flags of the command, and runs it.
func dispatch(ctx context.Context, p Program, c command, path string, args []string) error {
	if len(c.commands) > 0 {
		if len(args) == 0 {
			c.group(p.Err, path)
			return fmt.Errorf("%w: %s needs a command", errUsage, path)
		}
		switch args[0] {
		case "help", "-h", "-help", "--help":
			return help(p, c, path, args[1:])
		}
		for _, sub := range c.commands {
			if sub.name == args[0] {
				return dispatch(ctx, p, sub, path+" "+sub.name, args[1:])
			}
		}
		return fmt.Errorf("%w: %s has no command %q; see %s help", errUsage, path, args[0], path)
	}
	fs := flag.NewFlagSet(path, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // flag prints its own errors; they come back too
	if c.flags != nil {
		c.flags(fs)
	}
	rest, err := interspersed(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		c.usage(p.Out, path)
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, path)
	}
	return c.run(ctx, p, rest)
}

// interspersed lets flags stand after arguments, as people type them.
func interspersed(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		if ended := len(args) - fs.NArg() - 1; ended >= 0 && args[ended] == "--" {
			return append(rest, fs.Args()...), nil
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
}

// buildTime returns when the program was built; zero if that is not known.
func (p Program) buildTime() time.Time {
	t, err := time.Parse(time.RFC3339, p.Built)
	if err != nil {
		return time.Time{}
	}
	return t
}

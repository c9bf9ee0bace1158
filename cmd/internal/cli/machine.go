package cli

import (
	"context"
	"flag"
	"fmt"

	"regain.example/imager/admin"
)

func machineCommand() command {
	return command{
		name: "machine", short: "look at machines, approve and stop them",
		commands: []command{
			machineListCommand(), machineShowCommand(), machineApproveCommand(), machineCodeCommand(), machineStopCommand(),
			machineAct("retry", "install again after a failed installation",
				"The drives stay erased; the image is written once more.",
				func(ctx context.Context, c *admin.Client, n int) error { return c.Retry(ctx, n) },
				"Machine %d installs again when its agent asks; start it from the network.\n"),
			machineAct("release", "lift the halt of a machine, or let it start the agent again",
				"A machine that is done, stopped or in quarantine boots its own drive or nothing for\n12 hours; released, it boots the agent and waits for approval. If work was halted\nbecause two machines claimed one identity, or a token was used twice, look at the\nbench first.",
				func(ctx context.Context, c *admin.Client, n int) error { return c.Release(ctx, n) },
				"Machine %d is released and waits for approval.\n"),
			machineAct("confirm", "say that an installed machine runs",
				"For images that do not call home. Only if you have seen it run: it is recorded\nas your word.",
				func(ctx context.Context, c *admin.Client, n int) error { return c.Confirm(ctx, n) },
				"Machine %d is done, on your word.\n"),
		},
	}
}

// machineAct makes the command of an action that needs nothing but the machine.
func machineAct(name, short, long string, act func(context.Context, *admin.Client, int) error, done string) command {
	var s socketFlags
	return command{
		name: name, args: "NUMBER", short: short, long: long, flags: s.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			n, err := machineNumber(args)
			if err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			if err := act(ctx, client, n); err != nil {
				return fmt.Errorf("%s machine %d: %w", name, n, err)
			}
			_, err = fmt.Fprintf(p.Out, done, n)
			return err
		},
	}
}

func machineStopCommand() command {
	var s socketFlags
	var reason string
	return command{
		name: "stop", args: "NUMBER", short: "end the job of a machine",
		long: `Before anything was erased, the approval ends and the drives are untouched. After
that the work ends where it is: a drive that is not erased by then may hold old
data, and the machine may not leave.`,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.StringVar(&reason, "reason", "", "why, for the record: a `text`")
		},
		run: func(ctx context.Context, p Program, args []string) error {
			n, err := machineNumber(args)
			if err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			if reason == "" {
				reason = "stopped by command line"
			}
			if err := client.Stop(ctx, n, reason); err != nil {
				return fmt.Errorf("stop machine %d: %w", n, err)
			}
			_, err = fmt.Fprintf(p.Out, "Machine %d is stopped.\n", n)
			return err
		},
	}
}

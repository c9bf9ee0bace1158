package cli

import (
	"context"
	"fmt"
)

const machineCodeLong = `
For a machine that was started from a USB stick: the code proves that the machine
before which somebody stands is the one on the page. regain machine approve takes
it too, with --code. A machine that starts again in the midst of its job shows a
new code, and goes on once that was typed.`

func machineCodeCommand() command {
	var s socketFlags
	return command{
		name: "code", args: "NUMBER CODE", short: "type the code on the screen of a machine", long: machineCodeLong, flags: s.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%w: give the machine's number, and the code on its screen", errUsage)
			}
			n, err := machineNumber(args[:1])
			if err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			if err := client.EnterCode(ctx, n, args[1]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Out, "The code is that of machine %d.\n", n)
			return err
		},
	}
}

package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

const evidenceLong = `
Prints the evidence of a drive as it was received: the bytes whose SHA-256 "regain
machine show" names. Check them with sha256sum, and the verdict with "regain
verdict".`

func driveEvidenceCommand() command {
	var s socketFlags
	return command{
		name: "evidence", args: "SHA256", short: "print the evidence of a drive, as it was received", long: evidenceLong,
		flags: s.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: give one SHA-256; regain machine show names it", errUsage)
			}
			if isTerminal(p.Out) {
				return fmt.Errorf("%w: print it into a file: it holds what a machine sent, which may steer a terminal", errUsage)
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			text, err := client.Evidence(ctx, args[0])
			if err != nil {
				return err
			}
			_, err = p.Out.Write(text)
			return err
		},
	}
}

// isTerminal reports whether a person would read what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

func jsonFlag(fs *flag.FlagSet, to *bool) {
	fs.BoolVar(to, "json", false, "print JSON, for programs")
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func noArgs(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: unexpected argument %q", errUsage, args[0])
	}
	return nil
}

// machineNumber reads the one argument that names a machine.
func machineNumber(args []string) (int, error) {
	if len(args) != 1 {
		return 0, fmt.Errorf("%w: give the number of one machine; regain machine list shows them", errUsage)
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: %q is not a machine's number; regain machine list shows them", errUsage, args[0])
	}
	return n, nil
}

// quote makes s one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// clean keeps what a machine said from steering the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

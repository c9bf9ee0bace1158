package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// help prints the help of a group, or of the command below it that args name.
func help(p Program, c command, path string, args []string) error {
	for _, name := range args {
		found := false
		for _, sub := range c.commands {
			if sub.name == name {
				c, path, found = sub, path+" "+name, true
				break
			}
		}
		if !found {
			return fmt.Errorf("%w: %s has no command %q", errUsage, path, name)
		}
	}
	if len(c.commands) > 0 {
		c.group(p.Out, path)
	} else {
		c.usage(p.Out, path)
	}
	return nil
}

// group prints the commands of a group.
func (c command) group(w io.Writer, path string) {
	fmt.Fprintf(w, "%s: %s\n\nCommands:\n", path, c.short)
	for _, sub := range c.commands {
		fmt.Fprintf(w, "  %-10s %s\n", sub.name, sub.short)
	}
	fmt.Fprintf(w, "\nMore: %s COMMAND --help\n%s", path, exits)
}

// usage prints all about one command.
func (c command) usage(w io.Writer, path string) {
	fs := flag.NewFlagSet(path, flag.ContinueOnError)
	if c.flags != nil {
		c.flags(fs)
	}
	line := path
	if hasFlags(fs) {
		line += " [flags]"
	}
	if c.args != "" {
		line += " " + c.args
	}
	fmt.Fprintf(w, "%s: %s\n\nUsage: %s\n", path, c.short, line)
	if c.long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.long))
	}
	if hasFlags(fs) {
		fmt.Fprint(w, "\nFlags:\n")
		fs.VisitAll(func(f *flag.Flag) { describe(w, f) })
	}
	fmt.Fprint(w, exits)
}

func hasFlags(fs *flag.FlagSet) bool {
	any := false
	fs.VisitAll(func(*flag.Flag) { any = true })
	return any
}

// describe prints one flag with two dashes, as it is documented.
func describe(w io.Writer, f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	line := "  --" + f.Name
	if value != "" {
		line += " " + strings.ToUpper(value)
	}
	fmt.Fprintf(w, "%s\n        %s", line, strings.ReplaceAll(usage, "\n", "\n        "))
	if f.DefValue != "" && f.DefValue != "false" {
		fmt.Fprintf(w, " (default %s)", f.DefValue)
	}
	fmt.Fprintln(w)
}

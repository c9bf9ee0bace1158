package firewall

import (
	"fmt"
	"strings"
)

// Table is the flow matrix as Markdown.
func Table(c Config) string {
	var b strings.Builder
	b.WriteString("| from | to | what | purpose | encrypted | mode | rule |\n|---|---|---|---|---|---|---|\n")
	for _, f := range Matrix(c) {
		rule := f.Why
		if len(f.Matches) > 0 {
			rule = "let in"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", f.From, f.To, f.What, f.Purpose, f.Encrypted, f.Mode, rule)
	}
	b.WriteString("| bench | office | - | nothing is forwarded, in no direction | - | both | forward: drop |\n")
	return b.String()
}

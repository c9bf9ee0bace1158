// Command regain-agent is the first process of a bench, and, executed again by
// that, the agent that does the work.
package main

import (
	"fmt"
	"os"
)

// version is set by the linker.
var version = "dev"

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "version":
		fmt.Println(version)
	case os.Getpid() == 1:
		supervisor()
	default:
		if err := agent(); err != nil {
			fmt.Fprintln(os.Stderr, "regain-agent:", err)
			os.Exit(1)
		}
	}
}

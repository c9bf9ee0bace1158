package config

import (
	"flag"
	"fmt"
	"strconv"
)

// port is a flag.Value for TCP ports.
type port int

func portVar(fs *flag.FlagSet, p *int, name, usage string) { fs.Var((*port)(p), name, usage) }

// String returns the number.
func (p *port) String() string {
	if p == nil {
		return "0"
	}
	return strconv.Itoa(int(*p))
}

// Set reads a number from 1 to 65535.
func (p *port) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a port: give a number from 1 to 65535", s)
	}
	*p = port(n)
	return nil
}

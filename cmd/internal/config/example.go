package config

import _ "embed"

//go:embed regain.example.toml
var example string

// Example returns a configuration file with every setting, explained, at its
// default value.
func Example() string { return example }

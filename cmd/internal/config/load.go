package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"regain.example/imager"
)

// ErrFile is wrapped by every complaint about the text of a configuration file.
var ErrFile = errors.New("configuration file")

// Load reads the file at path over the settings in c. Keys that it does not know
// are errors: a misspelt safety setting must not be passed over.
func (c *Config) Load(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if err := c.parse(text); err != nil {
		return fmt.Errorf("%w %s: %w", ErrFile, path, err)
	}
	return nil
}

// file is the form of the configuration file: lists apart, that of Config.
type file struct {
	Config
	Profiles  []profileFile      `toml:"profile"`
	Protected []imager.Protected `toml:"protected"`
}

func (c *Config) parse(text []byte) error {
	f := file{Config: *c}
	dec := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return explain(err)
	}
	profiles, protected := c.Profiles, c.Protected
	*c = f.Config
	c.Profiles, c.Protected = profiles, append(protected, f.Protected...)
	if len(f.Profiles) > 0 {
		c.Profiles = nil
	}
	for _, p := range f.Profiles {
		c.Profiles = append(c.Profiles, p.profile())
	}
	return nil
}

// explain names the line of each mistake.
func explain(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var all []error
		for _, e := range strict.Errors {
			line, _ := e.Position()
			all = append(all, fmt.Errorf("line %d: there is no setting %q; regain serve --example prints those there are",
				line, strings.Join(e.Key(), ".")))
		}
		return errors.Join(all...)
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, column := syntax.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

package cli

import (
	"errors"
	"flag"
	"io/fs"

	"regain.example/cmd/internal/config"
	"regain.example/imager/admin"
)

// settings are the configuration as file and flags give it together.
type settings struct {
	path string
	args *flag.FlagSet
	flat config.Config
}

// bind gives a command the flag --config and one for each setting.
func (s *settings) bind(fs *flag.FlagSet) {
	s.args, s.flat = fs, config.Default()
	s.bindPath(fs)
	s.flat.Bind(fs)
}

func (s *settings) bindPath(fs *flag.FlagSet) {
	s.args = fs
	fs.StringVar(&s.path, "config", config.DefaultPath, "configuration `file`; flags override it")
}

// load reads the file, then sets again what flags have set. A missing file at
// the default path is no error: the defaults hold.
func (s *settings) load() (config.Config, error) {
	c := config.Default()
	if err := c.Load(s.path); err != nil && !s.mayBeAbsent(err) {
		return c, err
	}
	again := flag.NewFlagSet("", flag.ContinueOnError)
	c.Bind(again)
	var errs []error
	s.args.Visit(func(f *flag.Flag) {
		if again.Lookup(f.Name) != nil {
			errs = append(errs, again.Set(f.Name, f.Value.String()))
		}
	})
	errs = append(errs, c.Validate())
	return c, errors.Join(errs...)
}

func (s *settings) mayBeAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) && s.path == config.DefaultPath
}

// socketFlags are for the commands that ask the controller: where its socket is
// stands in the file, too.
type socketFlags struct {
	settings
	socket string
}

func (s *socketFlags) bind(fs *flag.FlagSet) {
	s.bindPath(fs)
	fs.StringVar(&s.socket, "socket", "", "`path` of the controller's admin socket; none: the configuration's")
}

func (s *socketFlags) client() (*admin.Client, error) {
	if s.socket != "" {
		return admin.NewClient(s.socket), nil
	}
	c, err := s.load()
	return admin.NewClient(c.Admin.Socket), err
}

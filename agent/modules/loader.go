package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/u-root/u-root/pkg/kmodule"
)

// Loader loads modules of the running kernel, each once.
type Loader struct {
	dir     string
	sys     string
	aliases aliases
	probe   func(module string) error
	tried   map[string]bool
}

// New reads the indexes in /lib/modules/RELEASE.
func New(release string) (*Loader, error) {
	dir := filepath.Join("/lib/modules", release)
	f, err := os.Open(filepath.Join(dir, "modules.alias"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	as, err := parseAliases(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	prober, err := kmodule.NewProber(kmodule.ProbeOpts{KVer: release})
	if err != nil {
		return nil, err
	}
	return &Loader{
		dir: dir, sys: "/sys/devices", aliases: as, tried: map[string]bool{},
		probe: func(module string) error { return prober.Probe(module, "") },
	}, nil
}

// Always loads the modules that no device asks for.
func (l *Loader) Always() error {
	data, err := os.ReadFile(filepath.Join(l.dir, "regain.always"))
	if err != nil {
		return err
	}
	var errs []error
	for module := range strings.FieldsSeq(string(data)) {
		errs = append(errs, l.load(module))
	}
	return errors.Join(errs...)
}

// Scan loads the modules of all devices that are there. Loading one may bring
// forth more devices (a USB controller its ports), so it goes round until
// nothing new turns up.
func (l *Loader) Scan() error {
	var errs []error
	for {
		before := len(l.tried)
		err := filepath.WalkDir(l.sys, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() != "modalias" {
				return nil // devices vanish while we look
			}
			b, err := os.ReadFile(path)
			if err == nil {
				errs = append(errs, l.device(strings.TrimSpace(string(b))))
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for devices: %w", err)
		}
		if len(l.tried) == before {
			return errors.Join(errs...)
		}
	}
}

// device loads the modules for one modalias.
func (l *Loader) device(modalias string) error {
	var errs []error
	for _, module := range l.aliases.match(modalias) {
		errs = append(errs, l.load(module))
	}
	return errors.Join(errs...)
}

func (l *Loader) load(module string) error {
	if l.tried[module] {
		return nil
	}
	l.tried[module] = true
	if err := l.probe(module); err != nil {
		return fmt.Errorf("load module %s: %w", module, err)
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"regain.example/cmd/internal/appliance"
	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

func imageCommand() command {
	return command{
		name: "image", short: "add, list and verify master images",
		commands: []command{imageAddCommand(), imageListCommand(), imageVerifyCommand()},
	}
}

// imageFlags are for the commands that work on the images themselves. Images are
// files of the state directory: the controller need not run.
type imageFlags struct {
	settings
	stateDir string
}

func (f *imageFlags) bind(fs *flag.FlagSet) {
	f.bindPath(fs)
	fs.StringVar(&f.stateDir, "state-dir", "", "the controller's state `directory`; none: the configuration's")
}

func (f *imageFlags) open() (*catalogue.Catalogue, error) {
	dir := f.stateDir
	if dir == "" {
		c, err := f.load()
		if err != nil {
			return nil, err
		}
		dir = c.StateDir
	}
	return appliance.OpenCatalogue(dir)
}

func imageListCommand() command {
	var f imageFlags
	asJSON := false
	return command{
		name: "list", short: "list the master images",
		long: `Checks the signature of each manifest and the length of each file. "regain image
verify" reads them whole.`,
		flags: func(fs *flag.FlagSet) { f.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			c, err := f.open()
			if err != nil {
				return err
			}
			entries, err := c.List(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				return printImages(p.Out, entries)
			}
			return listImages(p.Out, entries)
		},
	}
}

// imageLine is an image without its frames, for programs.
type imageLine struct {
	Name           string             `json:"name"`
	Error          string             `json:"error,omitempty"`
	Manifest       *manifest.Manifest `json:"manifest,omitempty"` // frames left out
	ManifestSHA256 string             `json:"manifest_sha256,omitempty"`
}

func printImages(w io.Writer, entries []catalogue.Entry) error {
	lines := []imageLine{}
	for _, e := range entries {
		line := imageLine{Name: e.Name}
		if e.Err != nil {
			line.Error = e.Err.Error()
		} else {
			m := e.Image.Manifest
			m.Frames = nil
			line.Manifest, line.ManifestSHA256 = &m, e.Image.ManifestSHA256
		}
		lines = append(lines, line)
	}
	return printJSON(w, lines)
}

func listImages(w io.Writer, entries []catalogue.Entry) error {
	if len(entries) == 0 {
		_, err := fmt.Fprintln(w, "No image yet. Add one with regain image add.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tTITLE\tDISK\tPACKED\tSECTOR\tBOOTS ON\tSTATE")
	for _, e := range entries {
		if e.Err != nil {
			fmt.Fprintf(t, "%s\t\t\t\t\t\tcannot be used: %s\n", clean(e.Name), clean(e.Err.Error()))
			continue
		}
		m := e.Image.Manifest
		fmt.Fprintf(t, "%s\t%s\t%.1f GB\t%.1f GB\t%d\t%s\tsigned\n", m.Name, clean(m.Title),
			float64(m.RawBytes)/1e9, float64(m.CompressedBytes)/1e9, m.LogicalSector, joinFirmware(m.Firmware))
	}
	return t.Flush()
}

func joinFirmware(kinds []manifest.Firmware) string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func imageVerifyCommand() command {
	var f imageFlags
	return command{
		name: "verify", args: "[NAME...]", short: "read images whole and check every frame",
		long:  "Checks the signature and the SHA-256 of every frame of the named images, or of all.",
		flags: f.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			names := args
			if len(names) == 0 {
				entries, err := c.List(ctx)
				if err != nil {
					return err
				}
				for _, e := range entries {
					names = append(names, e.Name)
				}
			}
			return verifyImages(ctx, p, c, names)
		},
	}
}

func verifyImages(ctx context.Context, p Program, c *catalogue.Catalogue, names []string) error {
	var errs []error
	for _, name := range names {
		if err := c.Verify(ctx, name, nil); err != nil {
			errs = append(errs, fmt.Errorf("verify image %s: %w", name, err))
			continue
		}
		fmt.Fprintf(p.Out, "%s: signature and every frame are right\n", name)
	}
	if len(names) == 0 {
		fmt.Fprintln(p.Out, "There is no image.")
	}
	return errors.Join(errs...)
}

package config

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"regain.example/imager"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "regain.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleIsTheDefaults(t *testing.T) {
	var c Config // empty: what the example leaves out stays empty and shows
	if err := c.Load(write(t, Example())); err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Profiles = []imager.Profile{DefaultProfile()}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("the example says\n%+v\nthe defaults are\n%+v", c, want)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("the example is not valid: %v", err)
	}
}

func TestDefaultsAreValid(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(c.Profiles) != 1 || c.Profiles[0] != DefaultProfile() {
		t.Errorf("profiles of a configuration without any: %+v", c.Profiles)
	}
}

func TestLoadKeepsWhatTheFileLeavesOut(t *testing.T) {
	c := Default()
	text := "[bench]\ninterface = \"eth1\"\n[[profile]]\nname = \"quick\"\ncountdown_seconds = 5\nexclude_removable = false\n"
	if err := c.Load(write(t, text)); err != nil {
		t.Fatal(err)
	}
	if c.Bench.Interface != "eth1" || c.Bench.Address != Default().Bench.Address || c.StateDir != Default().StateDir {
		t.Errorf("got %+v", c)
	}
	want := DefaultProfile()
	want.Name, want.Title, want.CountdownSeconds, want.ExcludeRemovable = "quick", "quick", 5, false
	if len(c.Profiles) != 1 || c.Profiles[0] != want {
		t.Errorf("profiles %+v, want %+v", c.Profiles, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", "state_dir = \"/x\"\n[bench]\ninterfaces = \"eth1\"\n", `line 3: there is no setting "bench.interfaces"`},
		{"unknown table", "[benches]\n", `line 1: there is no setting "benches"`},
		{"unknown key of a profile", "[[profile]]\nname = \"a\"\nverfy = \"full\"\n", `line 3: there is no setting "profile.verfy"`},
		{"syntax", "state_dir = \n", "line 1"},
		{"wrong type", "[bench]\nhttp_port = \"eighty\"\n", "line 2"},
		{"duration", "[bench]\nlease = \"1 day\"\n", `"1 day" is not a duration`},
		{"range", "[bench]\npool = \"10.0.0.1\"\n", `"10.0.0.1" is not a range`},
		{"range of names", "[bench]\npool = \"a-b\"\n", `range "a-b"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Default()
			err := c.Load(write(t, test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"admin on every address", "[admin]\nlisten = \":8444\"\n", "listens on every network"},
		{"admin on 0.0.0.0", "[admin]\nlisten = \"0.0.0.0:8444\"\n", "listens on every network"},
		{"admin on [::]", "[admin]\nlisten = \"[::]:8444\"\n", "listens on every network"},
		{"admin on the bench", "[admin]\nlisten = \"10.77.0.1:8444\"\n", "is on the bench network"},
		{"admin on the bench, mapped", "[admin]\nlisten = \"[::ffff:10.77.0.1]:8444\"\n", "is on the bench network"},
		{"admin without port", "[admin]\nlisten = \"127.0.0.1\"\n", "is not host:port"},
		{"certificate without key", "[admin]\ntls_cert = \"/c.pem\"\n", "give both files"},
		{"pool holds the controller", "[bench]\npool = \"10.77.0.1-10.77.0.9\"\n", "own address"},
		{"pool elsewhere", "[bench]\npool = \"10.78.0.2-10.78.0.9\"\n", "is not within"},
		{"pool reversed", "[bench]\npool = \"10.77.0.9-10.77.0.2\"\n", "lower address first"},
		{"port too large", "[bench]\nhttp_port = 65536\n", "two different ports from 1 to 65535"},
		{"negative port", "[bench]\nagent_port = -1\n", "two different ports from 1 to 65535"},
		{"one port twice", "[bench]\nhttp_port = 8443\n", "two different ports"},
		{"no interface", "[bench]\ninterface = \"\"\n", "name the one"},
		{"IPv6 bench", "[bench]\naddress = \"fd00::1/64\"\n", "is not an IPv4 address"},
		{"relative state", "state_dir = \"state\"\n", "not an absolute path"},
		{"short lease", "[bench]\nlease = \"10s\"\n", "is not between"},
		{"long grace", "[bench]\nsession_grace = \"1h\"\n", "is not between"},
		{"log format", "[log]\nformat = \"xml\"\n", "neither text nor json"},
		{"log level", "[log]\nlevel = \"loud\"\n", "none of debug"},
		{"profile without name", "[[profile]]\ntitle = \"x\"\n", "use lower case letters"},
		{"profile twice", "[[profile]]\nname = \"a\"\n[[profile]]\nname = \"a\"\n", "two profiles have it"},
		{"no countdown", "[[profile]]\nname = \"a\"\ncountdown_seconds = 0\n", "is not between 1 and 3600"},
		{"verify", "[[profile]]\nname = \"a\"\nverify = \"none\"\n", "neither full nor samples"},
		{"end", "[[profile]]\nname = \"a\"\nat_end = \"explode\"\n", "none of restart"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Default()
			if err := c.Load(write(t, test.text)); err != nil {
				t.Fatal(err)
			}
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestEverySettingHasAFlag keeps the promise that flags override the file.
func TestEverySettingHasAFlag(t *testing.T) {
	c := Default()
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	c.Bind(fs)
	flags := 0
	fs.VisitAll(func(f *flag.Flag) {
		flags++
		if f.Usage == "" {
			t.Errorf("flag --%s is not explained", f.Name)
		}
	})
	settings := 0
	for _, table := range []any{Config{}, Bench{}, Admin{}, Log{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(table)) {
			key := field.Tag.Get("toml")
			if key == "-" || key == "bench" || key == "admin" || key == "log" {
				continue
			}
			settings++
			if !strings.Contains(Example(), "\n"+key+" = ") {
				t.Errorf("setting %s is not in the example", key)
			}
		}
	}
	if flags != settings {
		t.Errorf("%d flags for %d settings", flags, settings)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(Example())
	f.Add("[bench]\npool = \"-\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := Default()
		if c.parse([]byte(text)) == nil {
			_ = c.Validate() // must not panic on anything that parses
		}
	})
}

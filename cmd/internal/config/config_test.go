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

// TestProtected reads the list in whatever form people write it.
func TestProtected(t *testing.T) {
	c := Default()
	text := "[[protected]]\nreason = \"ours\"\nuuid = \"4C4C4544-0042-3510-8052-B4C04F4D3232\"\nmac = \"00-1B-21-3A-4B-5C\"\n" +
		"[[protected]]\nreason = \"seized\"\ndrive_serial = \" S1 \"\ndrive_wwn = \"NAA.5000C500A1B2C3D4\"\n"
	if err := c.Load(write(t, text)); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	want := []imager.Protected{
		{Reason: "ours", UUID: "4c4c4544-0042-3510-8052-b4c04f4d3232", MAC: "00:1b:21:3a:4b:5c"},
		{Reason: "seized", DriveSerial: "S1", DriveWWN: "naa.5000c500a1b2c3d4"},
	}
	if !reflect.DeepEqual(c.Protected, want) {
		t.Errorf("got %+v, want %+v", c.Protected, want)
	}
}

// TestExampleOfProtected: what the example file shows in comments is valid.
func TestExampleOfProtected(t *testing.T) {
	_, comment, found := strings.Cut(Example(), "# [[protected]]\n")
	if !found {
		t.Fatal("the example shows no protected machine")
	}
	var text strings.Builder
	for line := range strings.Lines("# [[protected]]\n" + comment) {
		text.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
	}
	c := Default()
	if err := c.Load(write(t, text.String())); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil || len(c.Protected) != 2 {
		t.Errorf("%d entries, %v", len(c.Protected), err)
	}
}

func TestLimits(t *testing.T) {
	c := Default()
	text := "[[profile]]\nname = \"a\"\ncrypto_alone = true\nverify = \"nist-r1\"\n[profile.limits]\nbad_sectors = 5\npause_celsius = 50\n[[profile]]\nname = \"b\"\n"
	if err := c.Load(write(t, text)); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	a, b := c.Profiles[0], c.Profiles[1]
	if !a.CryptoAlone || a.Verify != "nist-r1" || a.Limits != (imager.DriveLimits{BadSectors: 5, PauseCelsius: 50}) {
		t.Errorf("got %+v", a)
	}
	if b.CryptoAlone || b.Verify != "nist-r2" || b.Limits != (imager.DriveLimits{}) {
		t.Errorf("what is left out is %+v", b)
	}
}

const relay = "[[bench.relay]]\nnetwork = \"10.78.0.0/24\"\npool = \"10.78.0.2-10.78.0.9\"\n"

// TestExampleOfRelay: what the example file shows in comments is valid.
func TestExampleOfRelay(t *testing.T) {
	_, comment, found := strings.Cut(Example(), "# [[bench.relay]]\n")
	comment, _, ended := strings.Cut(comment, "\n\n")
	if !found || !ended {
		t.Fatal("the example shows no relay")
	}
	c := Default()
	if err := c.Load(write(t, strings.ReplaceAll("# [[bench.relay]]\n"+comment+"\n", "# ", ""))); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil || len(c.Bench.Relays) != 1 || c.Bench.Relays[0].Router.String() != "10.78.0.1" {
		t.Errorf("%+v, %v", c.Bench.Relays, err)
	}
}

// TestProxyModeNeedsNoPool: the site's server has it.
func TestProxyModeNeedsNoPool(t *testing.T) {
	c := Default()
	text := "[bench]\nmode = \"proxy\"\naddress = \"192.168.1.5/24\"\n"
	if err := c.Load(write(t, text)); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
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
		{"mode", "[bench]\nmode = \"both\"\n", "neither dhcp nor proxy"},
		{"relay in proxy mode", "[bench]\nmode = \"proxy\"\n" + relay, "leave the table out"},
		{"relay without network", "[[bench.relay]]\npool = \"10.78.0.2-10.78.0.9\"\n", "is not an IPv4 network"},
		{"relay overlaps the bench", "[[bench.relay]]\nnetwork = \"10.77.0.128/25\"\npool = \"10.77.0.130-10.77.0.140\"\n", "overlaps 10.77.0.0/24"},
		{"relays overlap", relay + relay, "overlaps 10.78.0.0/24"},
		{"relay's pool elsewhere", "[[bench.relay]]\nnetwork = \"10.78.0.0/24\"\npool = \"10.79.0.2-10.79.0.9\"\n", "is not within 10.78.0.0/24"},
		{"relay's router elsewhere", relay + "router = \"10.79.0.1\"\n", "is not within 10.78.0.0/24"},
		{"relay's router in the pool", relay + "router = \"10.78.0.3\"\n", "contains the router"},
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
		{"verify", "[[profile]]\nname = \"a\"\nverify = \"none\"\n", "none of nist-r2, nist-r1, full"},
		{"verify of version 1", "[[profile]]\nname = \"a\"\nverify = \"samples\"\n", "none of nist-r2"},
		{"speed", "[[profile]]\nname = \"a\"\n[profile.limits]\nmin_mb_per_second = 20000\n", "no drive reaches"},
		{"standstill", "[[profile]]\nname = \"a\"\n[profile.limits]\nno_progress_minutes = -1\n", "between 1 and 1440"},
		{"cold pause", "[[profile]]\nname = \"a\"\n[profile.limits]\npause_celsius = 20\n", "between 30 and 100"},
		{"pause above the end", "[[profile]]\nname = \"a\"\n[profile.limits]\npause_celsius = 80\nmax_celsius = 70\n", "the first lower"},
		{"pause above the default end", "[[profile]]\nname = \"a\"\n[profile.limits]\npause_celsius = 70\n", "the first lower"},
		{"protects nothing", "[[protected]]\nreason = \"x\"\n", "entry 1: it names nothing"},
		{"protects only spaces", "[[protected]]\nreason = \"x\"\nserial = \" \"\n", "it names nothing"},
		{"no reason", "[[protected]]\nserial = \"S\"\nreason = \"x\"\n[[protected]]\nserial = \"S\"\n", "entry 2: reason"},
		{"uuid", "[[protected]]\nreason = \"x\"\nuuid = \"4c4c\"\n", "is not a UUID"},
		{"mac", "[[protected]]\nreason = \"x\"\nmac = \"00:1b\"\n", "is not an address"},
		{"wwn", "[[protected]]\nreason = \"x\"\ndrive_wwn = \"5000\"\n", "hexadecimal digits"},
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
			if key == "-" || key == "bench" || key == "admin" || key == "log" || key == "relay" {
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

package seed_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"regain.example/imager/seed"
)

func params() seed.Params {
	return seed.Params{
		Hostname: "pc-0007", InstanceID: "01J0000000000000000000000A",
		CallHomeURL: "https://10.0.0.1:8443/first-boot/v1",
		Pin:         base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 16)),
		Token:       "s3cret_-token",
	}
}

func TestRender(t *testing.T) {
	files, err := seed.Render(params())
	if err != nil {
		t.Fatal(err)
	}
	meta := map[string]any{}
	if err := yaml.Unmarshal(files["meta-data"], &meta); err != nil {
		t.Fatal(err)
	}
	if len(meta) != 2 || meta["local-hostname"] != "pc-0007" || meta["instance-id"] != "01J0000000000000000000000A" {
		t.Errorf("meta-data %v", meta)
	}
	// curl wants standard base64 with padding (curl(1), --pinnedpubkey).
	want := `url = "https://10.0.0.1:8443/first-boot/v1/s3cret_-token"
pinnedpubkey = "sha256//+//7//v/+//7//v/+//7//v/+//7//v/+//7//v/+/8="
insecure
`
	if got := string(files["callhome"]); got != want {
		t.Errorf("callhome:\n%s\nwant\n%s", got, want)
	}
	var network struct{ Version int }
	if err := yaml.Unmarshal(files["network-config"], &network); err != nil || network.Version != 2 {
		t.Errorf("network-config: version %d, %v", network.Version, err)
	}
}

// cloud-init copies what it reads; the token must stand in none of it.
func TestTokenStandsInOneFile(t *testing.T) {
	files, err := seed.Render(params())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if has := bytes.Contains(content, []byte("s3cret")); has != (name == "callhome") {
			t.Errorf("%s holds the token: %v", name, has)
		}
	}
}

func TestRenderWithoutCall(t *testing.T) {
	files, err := seed.Render(seed.Params{Hostname: "a", InstanceID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, has := files["callhome"]; has || len(files) != 3 {
		t.Errorf("files %v", files)
	}
}

// Names that YAML would read as something else stay strings.
func TestNamesStayStrings(t *testing.T) {
	for _, name := range []string{"123", "1e3", "true", "null", "0x1f", "no"} {
		p := params()
		p.Hostname, p.InstanceID = name, name
		files, err := seed.Render(p)
		if err != nil {
			t.Fatal(err)
		}
		meta := map[string]any{}
		if err := yaml.Unmarshal(files["meta-data"], &meta); err != nil {
			t.Fatal(err)
		}
		if meta["local-hostname"] != name || meta["instance-id"] != name {
			t.Errorf("%q became %v", name, meta)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	type p = seed.Params
	for name, spoil := range map[string]func(*p){
		"no host name":      func(p *p) { p.Hostname = "" },
		"new line":          func(p *p) { p.Hostname = "a\nusers: []" },
		"quote":             func(p *p) { p.Hostname = `a"` },
		"colon":             func(p *p) { p.Hostname = "a: b" },
		"space":             func(p *p) { p.Hostname = "a b" },
		"dollar":            func(p *p) { p.Hostname = "a$(reboot)" },
		"dash first":        func(p *p) { p.Hostname = "-a" },
		"dash last":         func(p *p) { p.Hostname = "a-" },
		"empty label":       func(p *p) { p.Hostname = "a..b" },
		"not ASCII":         func(p *p) { p.Hostname = "é" },
		"long label":        func(p *p) { p.Hostname = strings.Repeat("a", 64) },
		"long name":         func(p *p) { p.Hostname = strings.Repeat("a.", 33) + "a" },
		"no instance":       func(p *p) { p.InstanceID = "" },
		"instance":          func(p *p) { p.InstanceID = "a\nb" },
		"pin not base64":    func(p *p) { p.Pin = "!" },
		"pin short":         func(p *p) { p.Pin = "AAAA" },
		"pin padded":        func(p *p) { p.Pin += "=" },
		"http":              func(p *p) { p.CallHomeURL = "http://10.0.0.1/" },
		"no host":           func(p *p) { p.CallHomeURL = "https:///x" },
		"query":             func(p *p) { p.CallHomeURL += "?a=b" },
		"url with new line": func(p *p) { p.CallHomeURL += "\noutput = /etc/passwd" },
		"token with quote":  func(p *p) { p.Token = `a"` },
		"token with slash":  func(p *p) { p.Token = "../x" },
		"token of dots":     func(p *p) { p.Token = ".." },
	} {
		bad := params()
		spoil(&bad)
		if files, err := seed.Render(bad); !errors.Is(err, seed.ErrInvalid) || files != nil {
			t.Errorf("%s: %d files, error %v, want ErrInvalid", name, len(files), err)
		}
	}
}

func FuzzRenderHostname(f *testing.F) {
	f.Add("pc-1")
	f.Add("a\n- b")
	f.Fuzz(func(t *testing.T, name string) {
		p := params()
		p.Hostname = name
		files, err := seed.Render(p)
		if err != nil {
			return
		}
		meta := map[string]string{}
		if err := yaml.Unmarshal(files["meta-data"], &meta); err != nil || len(meta) != 2 || meta["local-hostname"] != name {
			t.Errorf("host name %q became %v, %v", name, meta, err)
		}
	})
}

// The script must be one that a plain sh can read.
func TestScriptIsShell(t *testing.T) {
	files, err := seed.Render(params())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-n")
	cmd.Stdin = bytes.NewReader(files["user-data"])
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("sh -n: %v\n%s", err, out)
	}
	if !bytes.HasPrefix(files["user-data"], []byte("#!/bin/sh\n")) {
		t.Error("cloud-init runs user-data that begins with #! only")
	}
}

package token

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
)

const (
	mac  = "18:66:da:01:02:03"
	uuid = "4c4c4544-0042-3510-8052-b4c04f4d3232"
)

// issuer has a clock that the test moves.
func issuer(t testing.TB, key byte) (*Issuer, *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	i, err := New(bytes.Repeat([]byte{key}, 32), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return i, &now
}

func issue(t testing.TB, i *Issuer, mac, uuid string) string {
	t.Helper()
	token, err := i.Issue(mac, uuid)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenIsSafeInURLAndCommandLine(t *testing.T) {
	i, _ := issuer(t, 1)
	for range 50 {
		token := issue(t, i, mac, uuid)
		if token != url.QueryEscape(token) || strings.ContainsAny(token, " =\"'") || len(token) > 128 {
			t.Fatalf("token %q", token)
		}
	}
}

func TestTwoBootsHaveTwoTokens(t *testing.T) {
	i, _ := issuer(t, 1)
	first, second := issue(t, i, mac, uuid), issue(t, i, mac, uuid)
	if first == second {
		t.Error("two boots in one second share a token")
	}
}

func TestOpen(t *testing.T) {
	i, now := issuer(t, 1)
	token := issue(t, i, mac, uuid)
	issued := *now
	b, err := i.Open(token, time.Hour)
	if err != nil || b.MAC.String() != mac || !b.Issued.Equal(issued) {
		t.Fatalf("%+v, %v", b, err)
	}
	for after, want := range map[time.Duration]error{
		time.Hour: nil, time.Hour + time.Second: ErrExpired, -2 * time.Minute: ErrExpired, -30 * time.Second: nil,
	} {
		*now = issued.Add(after)
		if _, err := i.Open(token, time.Hour); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", after, err, want)
		}
	}
	*now = issued
	other, _ := issuer(t, 2)
	if _, err := other.Open(token, time.Hour); !errors.Is(err, ErrForged) {
		t.Errorf("of another controller: %v", err)
	}
	// Every single character counts.
	for at := range token {
		changed := []byte(token)
		changed[at] ^= 1
		if _, err := i.Open(string(changed), time.Hour); !errors.Is(err, ErrForged) {
			t.Errorf("changed at %d: %v", at, err)
		}
	}
	for _, s := range []string{"", token[1:], token + "A", token + "\n", strings.Repeat("A", len(token))} {
		if _, err := i.Open(s, time.Hour); !errors.Is(err, ErrForged) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestCheck(t *testing.T) {
	i, _ := issuer(t, 1)
	inv := func(uuid string, nics ...api.NIC) api.Inventory {
		return api.Inventory{System: api.System{UUID: uuid}, NICs: nics}
	}
	boot := api.NIC{MAC: "18:66:DA:01:02:03", Boot: true}
	for name, c := range map[string]struct {
		uuid string // told to the boot server
		inv  api.Inventory
		ok   bool
	}{
		"same":                {uuid, inv(uuid, boot), true},
		"other byte order":    {"44454c4c-4200-1035-8052-b4c04f4d3232", inv(uuid, boot), true},
		"firmware told none":  {"", inv(uuid, boot), true},
		"firmware nonsense":   {"nonsense", inv(uuid, boot), true},
		"agent told none":     {uuid, inv("", boot), true},
		"another UUID":        {uuid, inv("4c4c4544-0042-3510-8052-b4c04f4d9999", boot), false},
		"not booted through":  {uuid, inv(uuid, api.NIC{MAC: mac}), false},
		"another address":     {uuid, inv(uuid, api.NIC{MAC: "18:66:da:01:02:04", Boot: true}), false},
		"no interface":        {uuid, inv(uuid), false},
		"booted by the other": {uuid, inv(uuid, api.NIC{MAC: mac}, api.NIC{MAC: "18:66:da:01:02:04", Boot: true}), false},
	} {
		b, err := i.Open(issue(t, i, mac, c.uuid), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(c.inv); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMachine) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadInput(t *testing.T) {
	if _, err := New(make([]byte, 31), time.Now); err == nil {
		t.Error("a short key was taken")
	}
	i, _ := issuer(t, 1)
	for _, mac := range []string{"", "x", "18:66:da:01:02", "00:00:00:00:00:00:00:00"} {
		if _, err := i.Issue(mac, ""); err == nil {
			t.Errorf("a token for %q", mac)
		}
	}
}

func FuzzOpen(f *testing.F) {
	i, _ := issuer(f, 1)
	const good = "ARhm2gECA0xMRUQAQjUQgFK0wE9NMjIAAAAAawLZQH_cy-KWOEQPyXnVu8epsh-mv8Glf_ps0f9VXtV_Fc4olzZ6BPWwVGA" // of this issuer
	if _, err := i.Open(good, time.Hour); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := i.Open(s, time.Hour); err == nil && s != good {
			t.Errorf("%q opens", s)
		}
	})
}

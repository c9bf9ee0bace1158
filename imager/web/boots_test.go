package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// part is the element with an id, up to the end of its article.
func part(t *testing.T, page, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `id="`+id+`"`)
	text, _, _ := strings.Cut(rest, "</article>")
	if !found {
		t.Fatalf("nothing has the id %s", id)
	}
	return text
}

func says(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in %s", w, text)
		}
	}
}

// TestBootsAreShown: who has no card stands on its own, who has one in its card.
func TestBootsAreShown(t *testing.T) {
	op := bench()
	s := site(t, op)
	if _, page := call(t, s, "GET", "/", goodSecret, nil); strings.Contains(page, "Another DHCP server") || strings.Contains(page, `class="boot `) {
		t.Error("a boot or a server is shown where there is none")
	}
	op.SetBoots(imagertest.OnTheWay())
	_, page := call(t, s, "GET", "/", goodSecret, nil)
	says(t, page, "Another DHCP server answers on the bench network: <span class=\"mono\">10.77.0.254</span>", "mode = &#34;proxy&#34;")
	says(t, part(t, page, "b-8c-16-45-00-00-01"), "Starting", "kernel fetched", "LENOVO", "09:40:57")
	says(t, part(t, page, "b-8c-16-45-00-00-02"), "Does not boot", "Machine not met yet", "Allow Microsoft 3rd Party UEFI CA")
	says(t, part(t, page, "b-00-1e-06-00-00-03"), "UEFI 32-bit", "legacy")
	says(t, part(t, page, "b-18-66-da-00-00-04"), "Held", "3 tries without an agent", `action="/boots/18:66:da:00:00:04/again"`, "Let it try again")
	says(t, part(t, page, "m-10"), "Does not boot", "its agent never spoke", "kernel and initramfs fetched")
	if strings.Contains(page, "b-a4-bb-6d-12-34-56") {
		t.Error("machine 10 has its card, and stands beside it once more")
	}
	if strings.Contains(part(t, page, "b-8c-16-45-00-00-01"), "Let it try again") {
		t.Error("a machine that nothing holds has the button")
	}
	_, page = call(t, s, "GET", "/machines/10", goodSecret, nil)
	says(t, page, "Does not boot", "its agent never spoke")
}

// TestAgentThatSpeaksIsNotOnItsWay: what the boot servers saw of a machine whose
// agent is connected is not news.
func TestAgentThatSpeaksIsNotOnItsWay(t *testing.T) {
	op := bench()
	b := imagertest.OnTheWay().Clients[4]
	b.Machine = 3
	op.SetBoots(imager.Boots{Clients: []imager.Boot{b}})
	_, page := call(t, site(t, op), "GET", "/", goodSecret, nil)
	if text := part(t, page, "m-3"); strings.Contains(text, "never spoke") || !strings.Contains(text, "Erasing") {
		t.Errorf("machine 3 is %s", text)
	}
}

// TestStateOfWhoDoesNotBoot: a job under way goes on being shown while its machine
// starts, and gives way once the machine does not; an ended one only to a hold.
func TestStateOfWhoDoesNotBoot(t *testing.T) {
	trouble := &imager.BootTrouble{Kind: "no-agent", Cause: "Cause.", Advice: "Advice."}
	for _, c := range []struct {
		machine int
		boot    imager.Boot
		want    string
	}{
		{3, imager.Boot{Stage: "kernel"}, "Erasing"},
		{3, imager.Boot{Stage: "kernel", Trouble: trouble}, "Does not boot"},
		{10, imager.Boot{Stage: "kernel"}, "Starting"},
		{10, imager.Boot{Stage: "local-disk"}, "Away"},
		{5, imager.Boot{Stage: "local-disk"}, "Done"},
		{6, imager.Boot{Stage: "refused", Trouble: trouble}, "Quarantine"},
		{5, imager.Boot{Stage: "refused", Held: true, Trouble: trouble}, "Held"},
		{7, imager.Boot{Stage: "refused", Held: true, Trouble: trouble}, "Halted"},
	} {
		op := bench()
		v, err := op.Machine(t.Context(), c.machine)
		if err != nil {
			t.Fatal(err)
		}
		v.Online = false
		op.Put(v)
		c.boot.MAC, c.boot.Machine = "52:54:00:00:00:01", c.machine
		op.SetBoots(imager.Boots{Clients: []imager.Boot{c.boot}})
		_, page := call(t, site(t, op), "GET", "/", goodSecret, nil)
		if text := part(t, page, fmt.Sprintf("m-%d", c.machine)); !strings.Contains(text, `<span class="state">`+c.want+`</span>`) {
			t.Errorf("machine %d at %s, held %v: want %q in %s", c.machine, c.boot.Stage, c.boot.Held, c.want, text)
		}
	}
}

func TestBootAgain(t *testing.T) {
	op := bench()
	op.SetBoots(imagertest.OnTheWay())
	s := site(t, op)
	const held = "/boots/18:66:da:00:00:04/again"
	if resp, _ := call(t, s, "POST", held, "", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a login: %d", resp.StatusCode)
	}
	if b, err := op.Boots(t.Context()); err != nil || !b.Clients[3].Held {
		t.Fatalf("somebody without a login let it go: %v", err)
	}
	if resp, _ := call(t, s, "POST", held, goodSecret, nil); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/" {
		t.Errorf("the button: %d to %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	if resp, page := call(t, s, "POST", held, goodSecret, nil); resp.StatusCode != http.StatusConflict || !strings.Contains(page, "nothing holds it") {
		t.Errorf("once more: %d", resp.StatusCode)
	}
	if resp, page := call(t, s, "POST", "/boots/x/again", goodSecret, nil); resp.StatusCode != http.StatusNotFound || !strings.Contains(page, `role="alert"`) {
		t.Errorf("nobody: %d", resp.StatusCode)
	}
}

func TestBootsAreEscaped(t *testing.T) {
	op := bench()
	op.SetBoots(imager.Boots{Clients: []imager.Boot{{
		MAC: "52:54:00:00:00:01", Name: "<script>alert(1)</script>", Arch: "<b>", Stage: "<i>", Tries: 2, Held: true,
		Trouble: &imager.BootTrouble{Cause: "<u>", Advice: "<s>"},
	}}})
	_, page := call(t, site(t, op), "GET", "/", goodSecret, nil)
	for _, raw := range []string{"<script>alert", "<u>", "<s>", "<i>", "<b></"} {
		if strings.Contains(page, raw) {
			t.Errorf("%s is not escaped", raw)
		}
	}
}

// TestBootEvents: a machine comes, stands still, and is gone when its agent speaks.
func TestBootEvents(t *testing.T) {
	op := bench()
	s := site(t, op)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-regain", Value: goodSecret})
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewReader(resp.Body)
	if first := next(t, stream); first.Boots == nil || len(first.Boots) != 0 {
		t.Fatalf("at first: %v", first.Boots)
	}
	op.SetBoots(imagertest.OnTheWay())
	second := next(t, stream)
	if len(second.Boots) != 4 || !strings.Contains(second.Parts[second.Boots[0]], "kernel fetched") || !strings.Contains(second.Parts["rivals"], "10.77.0.254") {
		t.Errorf("then: %v, %v", second.Boots, second.Parts)
	}
	op.SetBoots(imager.Boots{})
	if third := next(t, stream); third.Boots == nil || len(third.Boots) != 0 || !strings.Contains(third.Parts["m-10"], "Away") {
		t.Errorf("at the end: %v", third.Boots)
	}
}

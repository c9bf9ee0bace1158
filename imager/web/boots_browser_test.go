//go:build browser

package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// TestBootsLive follows machines on their way without a reload; who holds a button
// with the keyboard keeps it while other machines go on.
func TestBootsLive(t *testing.T) {
	op := imagertest.New(imagertest.At, imagertest.Profiles())
	ctx, _ := browse(t, op, 1200, 900)
	run(t, ctx, chromedp.WaitVisible(`.empty`), chromedp.WaitNotVisible(`.boots`), chromedp.WaitNotPresent(`#rivals .alert`),
		chromedp.Evaluate[chromedp.Void](`window.sameDocument = true`))

	b := imagertest.OnTheWay()
	op.SetBoots(b)
	const button = `#b-18-66-da-00-00-04 button`
	run(t, ctx, chromedp.WaitVisible(`#b-8c-16-45-00-00-01`), chromedp.WaitVisible(`#rivals .alert`), chromedp.WaitVisible(button),
		chromedp.Evaluate[chromedp.Void](`document.querySelector("`+button+`").focus()`))

	// One is gone to its agent, one goes on, and a new one comes.
	next := imager.Boots{Clients: append([]imager.Boot{}, b.Clients[1:]...)}
	next.Clients[0].Trouble, next.Clients[0].Stage = nil, "script"
	next.Clients = append(next.Clients, imager.Boot{MAC: "52:54:00:00:00:09", Arch: "BIOS", Stage: "offer", At: imagertest.At()})
	op.SetBoots(next)
	run(t, ctx, chromedp.WaitNotPresent(`#b-8c-16-45-00-00-01`), chromedp.WaitVisible(`#b-52-54-00-00-00-09`), chromedp.WaitNotPresent(`#rivals .alert`))
	if text := ask(t, ctx, chromedp.Text(`#b-8c-16-45-00-00-02`)); !strings.Contains(text, "boot script fetched") || strings.Contains(text, "Secure Boot") {
		t.Errorf("the one that went on is %q", text)
	}
	if !ask(t, ctx, chromedp.Evaluate[bool](`document.activeElement === document.querySelector("`+button+`")`)) {
		t.Error("the button has lost the keyboard")
	}
	if !ask(t, ctx, chromedp.Evaluate[bool](`window.sameDocument === true`)) {
		t.Error("the page was loaded again")
	}
	if said := ask(t, ctx, chromedp.Evaluate[string](`document.getElementById("said").textContent`)); said != "Machine 8c:16:45:00:00:02: Starting" {
		t.Errorf("a screen reader hears %q", said)
	}

	run(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitNotPresent(button))
	now, err := op.Boots(ctx)
	if err != nil || now.Clients[2].Held {
		t.Errorf("after the key: %+v, %v", now.Clients[2], err)
	}
	op.SetBoots(imager.Boots{})
	run(t, ctx, chromedp.WaitNotVisible(`.boots`), chromedp.WaitVisible(`.empty`))
}

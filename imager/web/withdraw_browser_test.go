//go:build browser

package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"regain.example/imager/imagertest"
)

// TestWithdrawInBrowser declares a drive by keyboard and mouse: choosing it fills in
// what is known, and nothing is sent before the box is ticked.
func TestWithdrawInBrowser(t *testing.T) {
	op := workshop()
	v, err := op.Machine(t.Context(), 17) // blocked: it has a drive, and no job
	if err != nil {
		t.Fatal(err)
	}
	ctx, url := browse(t, op, 1200, 900)
	run(t, ctx,
		chromedp.Navigate(url+"/machines/17"),
		chromedp.WaitVisible(`#withdraw`),
		chromedp.SetValue(`#withdraw select`, string(v.Machine.Inventory.Drives[0].ID())),
		chromedp.Evaluate[chromedp.Void](`document.querySelector("#withdraw select").dispatchEvent(new Event("change", { bubbles: true }))`))
	if serial := ask(t, ctx, chromedp.Value(`#withdraw input[name=serial]`)); serial != "S4GENX0NA00017" {
		t.Errorf("choosing the drive fills in the serial %q", serial)
	}
	run(t, ctx,
		chromedp.SendKeys(`#withdraw input[name=reason]`, "it hides another drive"),
		chromedp.SendKeys(`#withdraw input[name=seal]`, "A-3000"),
		chromedp.Click(`#withdraw button`))
	if !ask(t, ctx, chromedp.Evaluate[bool](`document.querySelector("#withdraw input[name=sure]").matches(":invalid") && location.pathname === "/machines/17"`)) {
		t.Error("the form does not ask for the word that the drive is out")
	}
	run(t, ctx,
		chromedp.Click(`#withdraw input[name=sure]`),
		chromedp.SendKeys(`#withdraw input[name=sure]`, "\r"), // Enter sends a form
		chromedp.WaitVisible(`.drive .note`))
	all, err := op.Withdrawn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 4 || all[0].Seal != "A-3000" || all[0].Serial != "S4GENX0NA00017" || all[0].Model != "SAMSUNG MZVLB256HBHQ-000L7" {
		t.Errorf("declared %+v", all[0])
	}
}

// TestRefusedFormKeepsWhatWasTyped, although the page goes on to be kept up to date.
func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	op := workshop()
	ctx, url := browse(t, op, 1200, 900)
	run(t, ctx,
		chromedp.Navigate(url+"/machines/16"),
		chromedp.WaitVisible(`#withdraw`),
		// Sent without the browser's own checks of the form.
		chromedp.Evaluate[chromedp.Void](`(() => {
			const form = document.querySelector("#withdraw form");
			form.elements.serial.value = "typed by hand";
			form.elements.seal.value = "A-4000";
			form.submit();
		})()`),
		chromedp.WaitVisible(`.alert:not(#lost)`))
	if alert := ask(t, ctx, chromedp.Text(`.alert:not(#lost)`)); !strings.Contains(alert, "out of the machine and sealed") {
		t.Errorf("the alert says %q", alert)
	}
	picture(t, ctx, "desk-refused")
	v, err := op.Machine(t.Context(), 16)
	if err != nil {
		t.Fatal(err)
	}
	v.Log = append(v.Log[:0:0], v.Log...)
	v.Log[0].Text = "still here"
	op.Put(v)
	run(t, ctx, chromedp.WaitVisible(`//td[text()="still here"]`))
	for name, want := range map[string]string{"serial": "typed by hand", "seal": "A-4000"} {
		if got := ask(t, ctx, chromedp.Value(`#withdraw input[name=`+name+`]`)); got != want {
			t.Errorf("%s is %q after the page changed, want %q", name, got, want)
		}
	}
}

// TestDetailsStayOpen while another part of the page changes.
func TestDetailsStayOpen(t *testing.T) {
	op := workshop()
	ctx, url := browse(t, op, 1200, 900)
	run(t, ctx,
		chromedp.Navigate(url+"/machines/18"), // it installs, and its drive has evidence
		chromedp.Click(`.drive summary`),
		chromedp.WaitVisible(`.commands`),
		chromedp.Evaluate[chromedp.Void](`document.querySelector(".drive summary").focus(); window.theTable = document.querySelector(".commands")`))
	v, err := op.Machine(t.Context(), 18)
	if err != nil {
		t.Fatal(err)
	}
	p := *v.Progress
	p.Drives = append(p.Drives[:0:0], p.Drives...)
	p.Drives[0].Done = p.Drives[0].Total / 2
	v.Progress = &p
	op.Put(v)
	run(t, ctx, chromedp.WaitVisible(`.drive progress[value="50"]`), chromedp.WaitVisible(`.commands`))
	if !ask(t, ctx, chromedp.Evaluate[bool](`document.activeElement.matches(".drive summary") && document.querySelector(".commands") === window.theTable`)) {
		t.Error("the focus or the table was replaced when the progress changed")
	}
}

// TestDestroyedInBrowser records the end of a drive, after a seal that is wrong.
func TestDestroyedInBrowser(t *testing.T) {
	op := workshop()
	ctx, url := browse(t, op, 390, 844)
	run(t, ctx,
		chromedp.Navigate(url+"/withdrawn"),
		chromedp.Click(`.register summary`),
		chromedp.SendKeys(`.register details[open] input[name=who]`, "Broyeurs"),
		chromedp.SendKeys(`.register details[open] input[name=how]`, "shredded to 6 mm"),
		chromedp.SendKeys(`.register details[open] input[name=seal]`, "A-9999"),
		chromedp.Click(`.register details[open] button`),
		chromedp.WaitVisible(`.alert:not(#lost)`))
	if how := ask(t, ctx, chromedp.Value(`.register details[open] input[name=how]`)); how != "shredded to 6 mm" {
		t.Errorf("after the refusal the form says %q", how)
	}
	picture(t, ctx, "phone-register-refused")
	run(t, ctx,
		chromedp.SetValue(`.register details[open] input[name=seal]`, "A-1042"),
		chromedp.Click(`.register details[open] button`),
		chromedp.WaitVisible(`//h2[text()="Destroyed (2)"]`))
	all, err := op.Withdrawn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := all[1]; d.Seal != "A-1042" || d.Destroyed == nil || d.Destroyed.Who != "Broyeurs" || !d.Destroyed.At.Equal(imagertest.At()) {
		t.Errorf("recorded %+v %+v", d, d.Destroyed)
	}
}

// TestPrinted: on paper the register has no forms and no navigation.
func TestPrinted(t *testing.T) {
	ctx, url := browse(t, workshop(), 1200, 900)
	run(t, ctx, chromedp.Navigate(url+"/withdrawn"), media("print", "light"))
	for _, what := range []string{".register details", ".bar nav", ".bar form"} {
		if ask(t, ctx, chromedp.Evaluate[bool](`getComputedStyle(document.querySelector("`+what+`")).display !== "none" && document.querySelector("`+what+`").getClientRects().length > 0`)) {
			t.Errorf("%s is printed", what)
		}
	}
	picture(t, ctx, "print-withdrawn")
}

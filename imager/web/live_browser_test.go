//go:build browser

package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// TestLive follows machines on the list without a reload.
func TestLive(t *testing.T) {
	op := bench()
	ctx, _ := browse(t, op, 1200, 900)
	run(t, ctx, chromedp.Evaluate[chromedp.Void](`window.sameDocument = true`))

	v, err := op.Machine(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	p := *v.Progress
	p.Drives = append(p.Drives[:0:0], p.Drives...)
	p.Drives[1].Done = p.Drives[1].Total / 2
	v.Progress = &p
	op.Put(v)
	run(t, ctx, chromedp.WaitVisible(`#m-3 progress[value="50"]`))

	stranger := imagertest.Bench()[0]
	stranger.Machine.Number = 11
	op.Put(stranger)
	run(t, ctx, chromedp.WaitVisible(`#m-11`))
	op.Forget(10)
	run(t, ctx, chromedp.WaitNotPresent(`#m-10`))

	if !ask(t, ctx, chromedp.Evaluate[bool](`window.sameDocument === true`)) {
		t.Error("the page was loaded again")
	}
	if state := ask(t, ctx, chromedp.Text(`#m-11 .state`)); state != "Waiting" {
		t.Errorf("the new machine is %q", state)
	}
}

// TestStopInCountdown is one press of a button, even though the page changes each
// second.
func TestStopInCountdown(t *testing.T) {
	op := bench()
	ctx, _ := browse(t, op, 1200, 900)
	run(t, ctx, chromedp.Click(`#m-2 button.danger`), chromedp.WaitVisible(`.whole`))
	v, err := op.Machine(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Job.State.Ended() || v.Log[0].Actor != "m.durand" {
		t.Errorf("after the press: %s by %s", v.Job.State, v.Log[0].Actor)
	}
}

// TestApproveInBrowser fills the form while the page changes under it, and shows
// that the browser holds back a form that is not complete.
func TestApproveInBrowser(t *testing.T) {
	op := bench()
	ctx, url := browse(t, op, 1200, 900)
	run(t, ctx,
		chromedp.Navigate(url+"/machines/1"),
		chromedp.Click(`input[name=profile][value=debian]`),
		chromedp.Click(`label.choice:nth-of-type(1) input[name=drive]`),
		chromedp.SendKeys(`input[name=number]`, "1"),
		chromedp.Click(`#approve button.danger`)) // one drive is not ticked yet
	time.Sleep(time.Second)
	v, err := op.Machine(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if v.Job != nil {
		t.Fatal("approved with one of two drives ticked")
	}

	v.Log = append([]imager.Entry{{At: imagertest.At(), Actor: "agent", Machine: 1, Text: "still waiting"}}, v.Log...)
	op.Put(v)
	run(t, ctx, chromedp.WaitVisible(`//td[text()="still waiting"]`))
	if n := ask(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("#approve input:checked").length`)); n != 2 {
		t.Errorf("%d boxes are ticked after the page changed, want the 2 from before", n)
	}
	run(t, ctx,
		chromedp.Click(`label.choice:nth-of-type(2) input[name=drive]`),
		chromedp.Click(`#approve button.danger`),
		chromedp.WaitVisible(`//span[text()="Approved"]`))
	if v, err = op.Machine(ctx, 1); err != nil || v.Job == nil || len(v.Job.Drives) != 2 || v.Job.ApprovedBy != "m.durand" {
		t.Errorf("job %+v, %v", v.Job, err)
	}
}

// TestDrivesChangeUnderTheForm: ticks given for other drives do not count, whether
// a drive is gone or another sits in its place.
func TestDrivesChangeUnderTheForm(t *testing.T) {
	for name, change := range map[string]func([]api.Drive) []api.Drive{
		"one for two": func([]api.Drive) []api.Drive { return []api.Drive{imagertest.Disk("SWAPPED-IN")} },
		"one for one": func(all []api.Drive) []api.Drive {
			return append([]api.Drive{imagertest.NVMe("SWAPPED-IN")}, all[1:]...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			op := bench()
			ctx, url := browse(t, op, 1200, 900)
			run(t, ctx, chromedp.Navigate(url+"/machines/1"), chromedp.Click(`label.choice:nth-of-type(1) input[name=drive]`))
			v, err := op.Machine(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			v.Machine.Inventory.Drives = change(v.Machine.Inventory.Drives)
			op.Put(v)
			run(t, ctx, chromedp.WaitVisible(`//span[text()="SWAPPED-IN"]`))
			if ask(t, ctx, chromedp.Evaluate[bool](`document.querySelectorAll("#approve input[name=drive]:checked").length > 0`)) {
				t.Error("the new drive is ticked already")
			}
		})
	}
}

// TestLost: a page whose controller is gone says that it is out of date.
func TestLost(t *testing.T) {
	server := serve(t, bench())
	ctx := browser(t, server.URL, 1200, 900)
	run(t, ctx, chromedp.WaitNotVisible(`#lost`))
	server.CloseClientConnections()
	server.Listener.Close()
	run(t, ctx, chromedp.WaitVisible(`#lost`))
	if text := ask(t, ctx, chromedp.Text(`#lost`)); !strings.Contains(text, "out of date") {
		t.Errorf("it says %q", text)
	}
}

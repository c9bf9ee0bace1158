//go:build browser

package web_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"regain.example/imager/imagertest"
	"regain.example/imager/web"
)

// browse logs a browser in at a site over op, and returns the browser's context and
// the site's address.
func browse(t *testing.T, op *imagertest.Operator, width, height int64) (context.Context, string) {
	t.Helper()
	server := serve(t, op)
	return browser(t, server.URL, width, height), server.URL
}

func serve(t *testing.T, op *imagertest.Operator) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(web.New(op, logins{}, logins{}, "test", imagertest.At, slog.New(slog.DiscardHandler)).Handler())
	server.EnableHTTP2 = true // as in the controller
	server.Config.ReadTimeout = 3 * time.Second
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// browser starts Chromium and logs it in.
func browser(t *testing.T, url string, width, height int64) context.Context {
	t.Helper()
	// A Chromium that is killed leaves its socket's directory behind.
	tmp, err := os.MkdirTemp("", "regain-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(tmp) })
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Env("TMPDIR="+tmp),
		chromedp.NoSandbox, chromedp.IgnoreCertErrors, chromedp.WindowSize(int(width), int(height)))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	run(t, ctx,
		chromedp.EmulateViewport(width, height),
		chromedp.Navigate(url+"/"),
		chromedp.SendKeys(`input[name=name]`, "m.durand"),
		chromedp.SendKeys(`input[name=password]`, goodPassword),
		chromedp.Click(`main button`),
		chromedp.WaitVisible(`#summary`))
	return ctx
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// ask runs one action and returns what it found.
func ask[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// media makes the browser show pages as on this medium and in these colours.
func media(kind, colours string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		params := map[string]any{"media": kind, "features": []map[string]string{{"name": "prefers-color-scheme", "value": colours}}}
		return t.Call(ctx, "Emulation.setEmulatedMedia", params, &struct{}{})
	})
}

// name makes a path the name of a picture.
func name(path string) string { return strings.ReplaceAll(strings.Trim(path, "/"), "/", "-") }

// picture keeps what the browser shows, where REGAIN_PICTURES says so.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("REGAIN_PICTURES")
	if dir == "" {
		return
	}
	png := ask(t, ctx, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLooks(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"desk", 1400, 900}, {"phone", 390, 844}} {
		t.Run(size.name, func(t *testing.T) {
			ctx, url := browse(t, workshop(), size.width, size.height)
			picture(t, ctx, size.name+"-list")
			for name, path := range map[string]string{
				"approve": "/machines/1", "erasing": "/machines/3", "quarantine": "/machines/6", "sanitizing": "/machines/11",
				"hot": "/machines/12", "seed": "/machines/13", "purged": "/machines/14", "liar": "/machines/15", "worn": "/machines/16",
				"blocked": "/machines/17", "rechecked": "/machines/18", "cancelled": "/machines/19", "returned": "/machines/20", "stuck": "/machines/10", "withdrawn": "/withdrawn",
			} {
				run(t, ctx, chromedp.Navigate(url+path), chromedp.WaitVisible(`footer`))
				// Nothing may stick out sideways: a phone has no room for it.
				if ask(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
					t.Errorf("%s: the page is wider than the window", path)
				}
				picture(t, ctx, size.name+"-"+name)
				run(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true })`))
				if ask(t, ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`)) {
					t.Errorf("%s: with its details open the page is wider than the window", path)
				}
				picture(t, ctx, size.name+"-"+name+"-open")
			}
		})
	}
}

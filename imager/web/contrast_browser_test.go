//go:build browser

package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// poor lists the texts of a page whose contrast to what is behind them is below
// 4.5:1, or 3:1 for large ones (WCAG 2.2, success criterion 1.4.3).
const poor = `(() => {
  const channels = (css) => css.match(/[\d.]+/g).map(Number);
  const opaque = (css) => { const c = channels(css); return c.length === 3 || c[3] === 1; };
  const luminance = (css) => {
    const [r, g, b] = channels(css).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const css = getComputedStyle(e).backgroundColor;
      if (opaque(css)) return css;
    }
    return "rgb(255, 255, 255)";
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
    if (!text || !e.getClientRects().length || e.closest(".unseen, progress, option")) continue;
    const style = getComputedStyle(e), a = luminance(style.color), b = luminance(behind(e));
    const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.add(ratio.toFixed(1) + " " + text.slice(0, 40));
  }
  return [...found];
})()`

// TestContrast holds in light and in dark, and finds a text that is too pale.
func TestContrast(t *testing.T) {
	ctx, url := browse(t, workshop(), 1200, 900)
	for _, colours := range []string{"light", "dark"} {
		for _, path := range []string{"/", "/machines/1", "/machines/2", "/machines/10", "/machines/12", "/machines/14", "/machines/16", "/machines/17", "/machines/19", "/withdrawn"} {
			run(t, ctx, media("screen", colours), chromedp.Navigate(url+path), chromedp.WaitVisible(`footer`),
				chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true })`))
			for _, text := range ask(t, ctx, chromedp.Evaluate[[]string](poor)) {
				t.Errorf("%s in %s colours: contrast %s", path, colours, text)
			}
			picture(t, ctx, colours+"-"+name(path))
		}
	}
	run(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("h1").style.color = "#333"`))
	if len(ask(t, ctx, chromedp.Evaluate[[]string](poor))) == 0 {
		t.Error("dark grey on nearly black passes")
	}
}

// TestControlsHaveNames: every field, button and link says what it is to whoever
// cannot see it.
func TestControlsHaveNames(t *testing.T) {
	ctx, url := browse(t, workshop(), 1200, 900)
	for _, path := range []string{"/", "/machines/1", "/machines/10", "/machines/16", "/withdrawn"} {
		run(t, ctx, chromedp.Navigate(url+path), chromedp.WaitVisible(`footer`))
		nameless := ask(t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("input:not([type=hidden]), select, button, a, summary, progress")]
			.filter((e) => !(e.labels?.length && e.labels[0].textContent.trim()) && !e.textContent.trim() && !e.getAttribute("aria-label"))
			.map((e) => e.outerHTML)`))
		for _, e := range nameless {
			t.Errorf("%s: %s has no name", path, e)
		}
	}
}

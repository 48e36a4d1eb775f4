//go:build e2e

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWhatIfInBrowser starts a comparison, waits for its result on the live page, and shows each page in
// each look.
func TestWhatIfInBrowser(t *testing.T) {
	_, address := startNode(t)
	w := openWindow(t, address)
	form := address + "/work/policy/what-if"
	w.show(t, form+"?policy=nist-800-63b@1", 1280, "light", "en")
	w.press(t)
	w.check(t, "whatif-running", look{1280, "light", "en"})
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("#comparison:not([data-stream])"))))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("#found tbody a"))))
	if evaluate[bool](t, w, state("lost")) {
		t.Error("after the end of the stream: got a message about a lost node, want none")
	}
	result := evaluate[string](t, w, `location.href`)
	w.checkPage(t, "whatif-form", form)
	w.checkPage(t, "whatif-result", result)
}

// TestWhatIfWithoutScripts follows a comparison by the reloads of the page.
func TestWhatIfWithoutScripts(t *testing.T) {
	_, address := startNode(t)
	w := openWindow(t, address)
	w.show(t, address+"/work/policy/what-if?policy=disa-stig@1", 768, "light", "en")
	must(t, disableScripts(w))
	must(t, chromedp.Do(w.ctx, chromedp.Navigate(address+"/work/policy/what-if?policy=disa-stig@1")))
	must(t, chromedp.Do(w.ctx, chromedp.Click("button.main")))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("#found tbody a"))))
}

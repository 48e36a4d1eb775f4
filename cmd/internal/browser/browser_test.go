//go:build e2e

package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	logdomain "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is the maximum duration of a test in the browser.
const patience = 300 * time.Second

// window is a tab of the browser, with the faults that the browser has reported.
type window struct {
	ctx  context.Context
	host string

	mu     sync.Mutex
	faults []string
}

// openWindow starts a browser. It fails the test if no browser is installed.
func openWindow(t *testing.T, address string) *window {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &window{ctx: ctx, host: at.Host}
	must(t, chromedp.Listen(ctx, w.observe))
	must(t, call(ctx, logdomain.Enable, cdp.Empty{}))
	must(t, call(ctx, network.Enable, network.EnableParams{}))
	must(t, call(ctx, runtime.Enable, cdp.Empty{}))
	focus := emulation.SetFocusEmulationEnabledParams{Enabled: true}
	must(t, call(ctx, emulation.SetFocusEmulationEnabled, focus))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call sends a command of the protocol, and ignores the content of its answer.
func call[P, R any](ctx context.Context, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(ctx, command, params)
	return err
}

// observe notes errors of the console, exceptions, violations of the policy, and requests to
// other hosts.
func (w *window) observe(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		fault = fmt.Sprint("console: ", e.Type)
	case *logdomain.EventEntryAdded:
		if e.Entry.Level != logdomain.EntryLevelVerbose { // verbose entries are advice about sign-in forms
			fault = fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if at, err := url.Parse(e.Request.URL); err != nil || at.Host != w.host && at.Host != "" {
			fault = "request to " + e.Request.URL
		}
	}
	if fault != "" {
		w.mu.Lock()
		w.faults = append(w.faults, fault)
		w.mu.Unlock()
	}
}

// takeFaults returns the faults since the last call.
func (w *window) takeFaults() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	faults := w.faults
	w.faults = nil
	return faults
}

// show opens a page in a window of a width, with a colour scheme and a language.
func (w *window) show(t *testing.T, address string, width int64, scheme, language string) {
	t.Helper()
	w.setLook(t, look{width, scheme, language})
	must(t, call(w.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Accept-Language": language},
	}))
	must(t, chromedp.Do(w.ctx, chromedp.Navigate(address)))
}

// setLook sets the width and the colour scheme of the window, for a person who wants less motion.
func (w *window) setLook(t *testing.T, l look) {
	t.Helper()
	must(t, chromedp.Do(w.ctx, chromedp.EmulateViewport(l.width, 900)))
	must(t, call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
}

// evaluate returns the value of an expression in the page.
func evaluate[T any](t *testing.T, w *window, expression string) T {
	t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	must(t, err)
	return value
}

// screenshot writes an image of the page, if the environment names a directory.
func (w *window) screenshot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("AUTHLEDGER_SCREENSHOTS")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.WriteFile(dir+"/"+name+".png", image, 0o644))
}

// disableScripts disables the scripts of pages that the window opens from then on.
func disableScripts(w *window) error {
	return call(w.ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true})
}

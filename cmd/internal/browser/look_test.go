//go:build e2e

package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// look is a window in which the tests show each page.
type look struct {
	width            int64
	scheme, language string
}

// looks are the widths with both colour schemes. Each width has both languages.
var looks = []look{
	{360, "light", "ru"}, {768, "dark", "ru"}, {1280, "dark", "ru"},
	{360, "dark", "en"}, {768, "light", "en"}, {1280, "light", "en"},
}

func (l look) name(page string) string {
	return fmt.Sprintf("%s-%d-%s-%s", page, l.width, l.scheme, l.language)
}

// checkPage opens a page in both languages, and checks it in each look and with the Tab key.
func (w *window) checkPage(t *testing.T, name, address string) {
	t.Helper()
	language := ""
	for _, l := range looks {
		if l.language != language {
			language = l.language
			w.show(t, address, l.width, l.scheme, l.language)
		}
		w.check(t, name, l)
	}
	w.checkFocus(t, name)
}

// checkShown checks the page in the window, in one language, in some looks and with the Tab key.
func (w *window) checkShown(t *testing.T, name string, in ...look) {
	t.Helper()
	language := evaluate[string](t, w, `document.documentElement.lang`)
	for _, l := range in {
		l.language = language
		w.check(t, name, l)
	}
	w.checkFocus(t, name)
}

// check reports the faults of the page in the window in a look, and writes its image.
func (w *window) check(t *testing.T, name string, l look) {
	t.Helper()
	w.checkLayout(t, name, l)
	at := l.name(name)
	if got := evaluate[string](t, w, `document.documentElement.lang`); got != l.language {
		t.Errorf("%s: got the language %q, want %q", at, got, l.language)
	}
	for _, fault := range w.takeFaults() {
		if !isStatus(fault) {
			t.Errorf("%s: got %s, want no fault", at, fault)
		}
	}
}

// checkLayout reports the faults of the layout of the page in a look, and writes its image.
func (w *window) checkLayout(t *testing.T, name string, l look) {
	t.Helper()
	w.setLook(t, l)
	for check, faults := range w.layoutFaults(t) {
		t.Errorf("%s: %s: got %q, want none", l.name(name), check, faults)
	}
	w.screenshot(t, l.name(name))
}

// isStatus reports whether a fault is the line of the browser about a page with a status such as 404.
func isStatus(fault string) bool { return strings.Contains(fault, "responded with a status of 4") }

// layoutFaults returns the faults of each check that finds some.
func (w *window) layoutFaults(t *testing.T) map[string][]string {
	t.Helper()
	return evaluate[map[string][]string](t, w, checksExpression())
}

// tabStops is an expression with the elements that the Tab key reaches, in document order. A group of
// radio buttons is one stop.
const tabStops = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, ' +
		'textarea, summary, [tabindex="0"]')]
	.filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0)
	.filter(e => e.type !== 'radio' || e === (document.querySelector('[name="' + e.name + '"]:checked') ||
		document.querySelector('[name="' + e.name + '"]')))`

// watchFocus notes each element that gets the focus after the first stop, and returns the number of keys
// that reach all stops. A field for a date has several stops of its own.
const watchFocus = `(() => {
	window.reached = [];
	const stops = ` + tabStops + `;
	stops[0].focus();
	addEventListener('focusin', ({target: e}) => {
		const s = getComputedStyle(e), r = e.getBoundingClientRect();
		reached.push({e, isVisible: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
			isInside: r.bottom > 0 && r.top < innerHeight});
	});
	return stops.length - 1 + 8 * document.querySelectorAll('[type=datetime-local]').length;
})()`

// focusFaults is an expression with the faults that watchFocus has noted.
const focusFaults = `(() => {
	const excerpt = e => e ? e.outerHTML.slice(0, 120) : 'nothing';
	const stops = ` + tabStops + `.slice(1);
	const found = reached.slice(0, stops.length);
	return [
		...stops.map((e, i) => found[i]?.e === e ? '' : 'order: ' + excerpt(found[i]?.e) + ' in place of ' +
			excerpt(e)).filter(Boolean).slice(0, 1),
		...found.filter(f => !f.isVisible).map(f => 'invisible focus: ' + excerpt(f.e)),
		...found.filter(f => !f.isInside).map(f => 'focus out of view: ' + excerpt(f.e)),
	];
})()`

// checkFocus presses the Tab key through the page, and reports a focus that is invisible or out of order.
func (w *window) checkFocus(t *testing.T, at string) {
	t.Helper()
	if faults := w.findFocusFaults(t); len(faults) > 0 {
		t.Errorf("%s: focus: got %q, want none", at, faults)
	}
}

func (w *window) findFocusFaults(t *testing.T) []string {
	t.Helper()
	keys := evaluate[int](t, w, watchFocus)
	must(t, chromedp.Do(w.ctx, chromedp.KeyEvent(strings.Repeat("\t", keys))))
	return evaluate[[]string](t, w, focusFaults)
}

//go:build e2e

package browser

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// flawless is a page without a fault. Each planted fault is a part at its end.
const flawless = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,">
<style>
	body { margin: 1rem; font: 16px/1.5 sans-serif; color: #111; background: #fff; }
	input { border: 1px solid #555; min-height: 2rem; }
	button { min-height: 2rem; min-width: 4rem; }
	:focus-visible { outline: 3px solid #00f; }
	.number { text-align: end; }
	.scroll { overflow-x: auto; }
</style></head><body><main><h1>Page</h1><h2>Part</h2>
<p id="text">A text of this page.</p><p><a href="#text">A link</a></p>
<p><label for="name">Name</label> <input id="name"> <button id="go">Go</button></p>
<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Name</th>
<th scope="col" class="number">Count</th></tr></thead>
<tbody><tr><th scope="row">ann</th><td class="number">12</td></tr></tbody></table></div>
</main>%s</body></html>`

// planted holds a fault for each check, and two for some: a part that the page gets at its end.
var planted = []struct{ check, part string }{
	{"wider than the window", `<div style="width: 2000px; height: 1px"></div>`},
	{"overlapping texts", `<p style="position: relative; top: -4.6rem; height: 0">Text over text</p>`},
	{"overlapping texts", `<style>#go { margin-left: -3rem; }</style>`},
	{"cut text", `<p style="width: 3rem; overflow: hidden; white-space: nowrap">A text that ends here</p>`},
	{"cut text", `<p style="height: .5rem; overflow: hidden">A low text</p>`},
	{"cut text", `<div class="card" style="width: 3rem; white-space: nowrap">A text beside its card</div>`},
	{"cut text", `<label for="q">Search</label> <input id="q" size="4" placeholder="A long placeholder">`},
	{"control without a label", `<style>label { display: none; }</style><p><input></p>`},
	{"control without a label", `<p><button></button></p>`},
	{"skipped level of headings", `<h4>Deep</h4>`},
	{"skipped level of headings", `<h1>Second</h1>`},
	{"page without landmark or title", `<script>document.title = ''</script>`},
	{"text without its language", `<p>Русский текст</p>`},
	{"text without its language", `<script>document.documentElement.lang = ''</script>`},
	{"table without headers", `<table><tr><td>ann</td></tr></table>`},
	{"column of numbers that is not aligned to the right", `<style>.number { text-align: start; }</style>`},
	{"scrolled part that the keyboard can't reach",
		`<pre style="width: 5rem; overflow: auto" tabindex="-1">A line that is longer than its part</pre>`},
	{"order of the focus that the page changes", `<p><a href="#text" tabindex="3">First</a></p>`},
	{"motion although the person wants less", `<style>p { transition: color .2s; }</style>`},
	{"motion although the person wants less",
		`<style>@keyframes k { to { opacity: .9 } } h1 { animation: k 1s infinite; }</style>`},
	{"small target", `<style>#go { min-height: 0; height: 20px; padding: 0; }</style>`},
	{"field with little contrast", `<style>input { border-color: #ccc; }</style>`},
	{"little contrast", `<p style="color: #999">A pale text</p>`},
	{"focus", `<style>:focus-visible { outline: none; }</style>`},
	{"focus", `<script>document.getElementById('name').onfocus = e => e.target.blur()</script>` +
		`<p><a href="#text" id="z">Last</a></p><script>document.querySelector('button').onfocus =` +
		` () => document.getElementById('z').focus()</script>`},
	{"focus", `<p style="position: fixed; top: -200px"><a href="#text">Above the window</a></p>`},
	{"request to another host", `<script>fetch('http://127.0.0.2:9/').catch(() => {})</script>`},
	{"error on the console", `<script>console.error('a failure')</script>`},
	{"error on the console", `<script>throw new Error('a failure')</script>`},
}

// TestChecksFindPlantedFaults checks that each check finds a planted fault, and that the page without a
// fault has none.
func TestChecksFindPlantedFaults(t *testing.T) {
	page := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}))
	defer server.Close()
	w := openWindow(t, server.URL)
	find := func(part string) []string {
		page = fmt.Sprintf(flawless, part)
		w.show(t, server.URL, 1280, "light", "en")
		found := slices.Collect(maps.Keys(w.layoutFaults(t)))
		if len(w.findFocusFaults(t)) > 0 {
			found = append(found, "focus")
		}
		return append(found, w.takeFaults()...)
	}
	if got := find(""); len(got) > 0 {
		t.Fatalf("page without a fault: got %q, want none", got)
	}
	left := slices.Collect(maps.Keys(checks))
	for _, p := range planted {
		got := find(p.part)
		if !slices.ContainsFunc(got, func(name string) bool { return isFault(name, p.check) }) {
			t.Errorf("%s: got %q, want %s", p.part, got, p.check)
		}
		left = slices.DeleteFunc(left, func(name string) bool { return name == p.check })
	}
	if len(left) > 0 {
		t.Errorf("got no planted fault for %q, want one for each check", left)
	}
}

// isFault reports whether a found fault belongs to a check of the page or of the browser.
func isFault(found, check string) bool {
	switch check {
	case "request to another host":
		return strings.HasPrefix(found, "request to ")
	case "error on the console":
		return strings.HasPrefix(found, "console: ") || strings.HasPrefix(found, "exception: ")
	}
	return found == check
}

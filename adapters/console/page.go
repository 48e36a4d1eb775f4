package console

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"authledger/adapters/console/text"
	"authledger/domain"
	"authledger/projections/queries"
)

// pages returns the templates of each page: the layout, the shared parts, and the page itself. It
// parses them once, when the first page is shown, because most commands of the program show none.
var pages = sync.OnceValue(parsePages)

// parsePages panics if a template is invalid. Each test of a page would fail.
func parsePages() map[string]*template.Template {
	shared := template.Must(template.ParseFS(templateFiles, "templates/layout.html", "templates/parts.html",
		"templates/queue.html"))
	all := make(map[string]*template.Template)
	for _, name := range []string{"overview", "user", "account", "record", "explore", "integrity", "signin",
		"failure", "found", "work", "act", "outcome", "policy", "whatifs", "whatif", "erasures"} {
		all[name] = template.Must(template.Must(shared.Clone()).ParseFS(templateFiles,
			"templates/"+name+".html"))
	}
	return all
}

// page is the data of a template. Its methods are the functions of the templates.
type page struct {
	visit *visit
	Name  string // of the template
	Title string // key of the title, or the title itself
	Body  any
}

// write writes a page. A page is rendered completely before its first byte is sent, so that an
// error never leaves half a page.
func (v *visit) write(status int, name, title string, body any) {
	var b bytes.Buffer
	p := &page{v, name, v.text.T(title), body}
	if err := pages()[name].ExecuteTemplate(&b, "layout", p); err != nil {
		v.options.Log.Error("a page can't be rendered", "request", v.id, "page", name, "cause", err)
		http.Error(v.w, "internal error, request "+v.id, http.StatusInternalServerError)
		return
	}
	html, h := v.shown(b.Bytes()), v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.text.Language)
	h.Set("Content-Length", strconv.Itoa(len(html)))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(html) // a client that disconnected can repeat the request
}

// isRedirect writes the response to a [redirect] and returns true, or returns false for another
// error. The browser requests the other page with GET.
func (v *visit) isRedirect(err error) bool {
	var to *redirect
	if !errors.As(err, &to) {
		return false
	}
	http.Redirect(v.w, v.r, to.to, http.StatusSeeOther)
	return true
}

// T returns the text with a key.
func (p *page) T(key string, args ...any) string { return p.visit.text.T(key, args...) }

// Named returns the name of a stored value.
func (p *page) Named(family, value string) string { return p.visit.text.Name(family, value) }

// Hint returns the text that explains a field of the form of an act, "" for none.
func (p *page) Hint(field string) string {
	for _, key := range []string{"hint." + p.visit.act.name + "." + field, "hint." + field} {
		if p.visit.text.Has(key) {
			return p.visit.text.T(key)
		}
	}
	return ""
}

// Option returns the name of a choice of a field.
func (p *page) Option(field, value string) string {
	if key := "option." + field + "." + value; p.visit.text.Has(key) {
		return p.visit.text.T(key)
	}
	return p.visit.text.Name(field, value)
}

// Count returns a number in the form of the language.
func (p *page) Count(n int64) string { return p.visit.text.Count(n) }

// Money returns a decimal number in the form of the language.
func (p *page) Money(decimal string) string { return p.visit.text.Money(decimal) }

// Instant returns an instant with its zone.
func (p *page) Instant(t time.Time) string { return p.visit.text.Instant(t) }

// Machine returns an instant for the attribute datetime.
func (p *page) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Relative returns the distance of an instant from the instant of the page.
func (p *page) Relative(t time.Time) string { return p.visit.relative(t) }

func (v *visit) relative(t time.Time) string {
	d := t.Sub(v.moment.at)
	switch {
	case d.Abs() < time.Second:
		return v.text.T("time.now")
	case d > 0:
		return v.text.T("time.in", v.text.Duration(d))
	}
	return v.text.T("time.ago", v.text.Duration(d))
}

// Link returns the URL of a page at the moment of this page.
func (p *page) Link(path string) string { return p.visit.moment.inQuery(path) }

// Page returns the URL of the page with a name, at the moment of this page.
func (p *page) Page(kind, name string) string { return p.Link("/" + kind + "/" + url.PathEscape(name)) }

// Language returns the code of the language.
func (p *page) Language() string { return p.visit.text.Language }

// Languages returns the codes of all languages.
func (p *page) Languages() []string { return text.Languages() }

// FormToken returns the token of the forms of this page.
func (p *page) FormToken() string { return p.visit.formToken() }

// Here returns the URL of this page. For the answer to a form, and for a page about an error,
// it returns the overview, because the URL may contain a text that is not a name.
func (p *page) Here() string {
	if p.visit.r.Method != http.MethodGet || p.Name == "failure" {
		return "/"
	}
	return p.visit.here()
}

// SignIn returns the URL of the sign-in that leads back to this page.
func (p *page) SignIn() string { return signInPath + "?next=" + url.QueryEscape(p.Here()) }

// Refresh returns the time and the URL of the next reload by browsers without JavaScript, "" for none.
func (p *page) Refresh() string { return p.visit.withoutScript }

// Path returns the path of this page.
func (p *page) Path() string { return p.visit.r.URL.EscapedPath() }

// HasCaller reports whether the visitor may see pages.
func (p *page) HasCaller() bool { return p.visit.caller != nil }

// CanSignOut reports whether the page belongs to a session.
func (p *page) CanSignOut() bool { return p.visit.session != "" }

// Caller returns the name of the caller.
func (p *page) Caller() string { return p.visit.caller.Name }

// Role returns the role of the caller.
func (p *page) Role() string { return string(p.visit.caller.Role) }

// May reports whether the caller has the right of an operation.
func (p *page) May(operation string) bool { return p.visit.may(operation) }

// MayUser reports whether the caller may see a part of the page of a user.
func (p *page) MayUser() bool { return p.visit.mayAny(userOperations) }

// MayRecord reports whether the caller may see a part of the page of a record.
func (p *page) MayRecord() bool { return p.visit.mayAny(recordOperations) }

// Lower returns a text in lower case.
func (p *page) Lower(text string) string { return strings.ToLower(text) }

// IsOpen reports whether the node requires no credentials.
func (p *page) IsOpen() bool { return p.visit.options.Tokens == nil }

// HasMoment reports whether the page shows data of a moment.
func (p *page) HasMoment() bool { return !p.visit.moment.at.IsZero() && p.Name != "failure" }

// CanTravel reports whether the page can be shown for another moment.
func (p *page) CanTravel() bool { return p.HasMoment() && !p.visit.route.isWithoutMoment }

// IsPast reports whether the page shows the past.
func (p *page) IsPast() bool { return p.visit.moment.isPast }

// IsByRecord reports whether the page shows the past up to a position.
func (p *page) IsByRecord() bool { return p.visit.moment.name == "asOf" }

// At returns the instant of the page.
func (p *page) At() time.Time { return p.visit.moment.at }

// Seq returns the position of the page, "" for the position before the first record.
func (p *page) Seq() string {
	if p.visit.moment.asOf.Seq == 0 {
		return ""
	}
	return strconv.FormatUint(p.visit.moment.asOf.Seq, 10)
}

// SeqTime returns the time of the commit at the position of the page.
func (p *page) SeqTime() time.Time { return p.visit.moment.asOf.Time }

// AgeSeconds returns the age of the position of the page.
func (p *page) AgeSeconds() int64 { return max(0, int64(p.At().Sub(p.SeqTime())/time.Second)) }

// AtField returns the instant of the page as the value of a field for a date and a time.
func (p *page) AtField() string { return p.visit.moment.at.UTC().Format("2006-01-02T15:04:05") }

// Keep returns the other parameters of the URL, which the form of the moment keeps.
func (p *page) Keep() map[string]string {
	kept := make(map[string]string)
	for _, name := range slices.Concat([]string{familyField}, exploreFields) {
		if value := p.visit.r.URL.Query().Get(name); value != "" {
			kept[name] = value
		}
	}
	return kept
}

// parted is the data of a template that draws one part of a page.
type parted struct {
	Page *page
	Part any
}

// With returns the data of a template that draws one part of the page.
func (p *page) With(part any) parted { return parted{p, part} }

// Span returns a duration.
func (p *page) Span(d time.Duration) string { return p.visit.text.Duration(d) }

// StateText returns a state of an item with its period.
func (p *page) StateText(s queries.LifeState) string { return p.visit.stateText(s) }

// DeviceStates returns the states of devices, in the order of the legend.
func (p *page) DeviceStates() []string {
	return []string{domain.Requested, domain.Shipped, domain.Active, domain.Dormant, domain.Deactivated}
}

// MomentFields returns the parameter of the moment, which other forms of the page keep.
func (p *page) MomentFields() map[string]string {
	if p.visit.moment.name == "" {
		return nil
	}
	return map[string]string{p.visit.moment.name: p.visit.moment.value}
}

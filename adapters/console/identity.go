package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"authledger/adapters/console/text"
	"authledger/domain/access"
)

// Names of cookies. Browsers accept a cookie with the prefix __Host- only over TLS, for one
// host and for all paths.
const (
	sessionCookie  = "authledger-session"
	formCookie     = "authledger-form"
	languageCookie = "authledger-language"
	hostPrefix     = "__Host-"

	cookieBytesMax = 128
	languageDays   = 365
)

// formField is the name of the field of a form that contains its token.
const formField = "form"

func (v *visit) isTLS() bool { return v.r.TLS != nil }

// cookie returns the value of a cookie, "" without one.
func (v *visit) cookie(name string) string {
	if v.isTLS() {
		name = hostPrefix + name
	}
	all := v.r.CookiesNamed(name)
	if len(all) != 1 || len(all[0].Value) > cookieBytesMax {
		return ""
	}
	return all[0].Value
}

// setCookie sets a cookie that ends with the browser. An empty value removes the cookie.
func (v *visit) setCookie(name, value string) {
	c := http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: v.isTLS(),
		SameSite: http.SameSiteStrictMode,
	}
	if v.isTLS() {
		c.Name = hostPrefix + name
	}
	switch {
	case value == "":
		c.MaxAge = -1
	case name == languageCookie:
		c.MaxAge = languageDays * 24 * 60 * 60
	}
	http.SetCookie(v.w, &c)
}

// identify sets the caller. Without a session it answers with the page of the sign-in, unless
// the route needs no session.
func (v *visit) identify() error {
	if v.options.Tokens == nil {
		v.caller = access.OpenCaller()
		v.bindForms()
		return nil
	}
	v.session = v.cookie(sessionCookie)
	err := v.authenticate()
	if err == nil {
		v.form = v.session
		return nil
	}
	v.session = ""
	v.bindForms()
	if wait := v.options.Shared.LimitAddress(v.r.RemoteAddr); wait > 0 {
		return &failure{status: http.StatusTooManyRequests, key: "busy", retryAfter: wait}
	}
	if v.route.isPublic() || !errors.Is(err, errNoSession) {
		return ifOther(err, errNoSession)
	}
	if v.r.Method != http.MethodGet || v.route.isStream {
		return &failure{status: http.StatusUnauthorized, key: "session"}
	}
	return &redirect{signInPath + "?next=" + url.QueryEscape(v.here())}
}

// ifOther returns err, nil if err is the other error.
func ifOther(err, other error) error {
	if errors.Is(err, other) {
		return nil
	}
	return err
}

// errNoSession reports a request without a valid session.
var errNoSession = errors.New("console: no session")

// authenticate finds the session of the request and checks its token again, so that a
// revoked token ends the session.
func (v *visit) authenticate() error {
	find := v.sessions.Find
	if v.isByBrowser() {
		find = v.sessions.Peek
	}
	s, ok := find(v.session)
	if !ok {
		return errNoSession
	}
	caller, err := v.options.Tokens.Caller(s.Token)
	switch {
	case errors.Is(err, access.ErrNoToken), errors.Is(err, access.ErrExpired):
		v.sessions.End(v.session)
		return errNoSession
	case err != nil:
		return err
	}
	v.caller = caller
	return nil
}

// isStillAuthorized reports whether a stream of events may continue.
func (v *visit) isStillAuthorized() bool {
	return v.options.Tokens == nil || v.authenticate() == nil && v.route.isFor(v.caller.Role)
}

// bindForms binds the tokens of forms to a cookie, for a visitor without a session.
func (v *visit) bindForms() {
	if v.form = v.cookie(formCookie); v.form != "" || v.route.path == assetPath {
		return
	}
	var random [16]byte
	rand.Read(random[:]) // returns no error: a failure of the random generator ends the process
	v.form = base64.RawURLEncoding.EncodeToString(random[:])
	v.setCookie(formCookie, v.form)
}

// formToken returns the token of the forms of a page. Only a page of the console contains it,
// so a page of another site can't submit a form.
func (v *visit) formToken() string {
	mac := hmac.New(sha256.New, v.formKey[:])
	mac.Write([]byte(v.form))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// checkForm returns an error unless a page of the console submitted the form.
func (v *visit) checkForm() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, formBytesMax)
	if v.origins.Check(v.r) != nil || v.r.ParseForm() != nil {
		return &failure{status: http.StatusForbidden, key: "form"}
	}
	if v.form == "" || !hmac.Equal([]byte(v.r.PostForm.Get(formField)), []byte(v.formToken())) {
		return &failure{status: http.StatusForbidden, key: "form"}
	}
	return nil
}

// redirect is an answer that sends the browser to another page of the console.
type redirect struct{ to string }

func (r *redirect) Error() string { return "console: redirect" }

// localPath returns a path of the console that a form or a link contains, / for other texts.
// The browser treats a second slash or a backslash as the start of a host.
func localPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(text, "/") ||
		len(text) > queryBytesMax ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

// languageOf returns the language of the cookie, else the preferred one of the browser.
func languageOf(r *http.Request) *text.Printer {
	for _, name := range []string{languageCookie, hostPrefix + languageCookie} {
		if c, err := r.Cookie(name); err == nil && text.For(c.Value) != nil {
			return text.For(c.Value)
		}
	}
	return text.Match(r.Header.Get("Accept-Language"))
}

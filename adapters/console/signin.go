package console

import (
	"errors"
	"mime"
	"net/http"
	"path"
	"strings"

	"authledger/adapters/console/text"
	"authledger/adapters/style"
	"authledger/domain/access"
)

const (
	signInPath    = "/sign-in"
	assetPath     = "/assets/{file}"
	tokenField    = "token"
	tokenBytesMax = 256
)

// signInBody is the body of the page of the sign-in.
type signInBody struct {
	Next  string // path of the page after the sign-in
	Error string // key of the text about the last attempt, "" without one
}

func (v *visit) getSignIn() error {
	if v.caller != nil {
		return &redirect{localPath(v.r.URL.Query().Get("next"))}
	}
	v.write(http.StatusOK, "signin", "signin", &signInBody{Next: localPath(v.r.URL.Query().Get("next"))})
	return nil
}

// postSignIn starts a session. The id of the session is new at each sign-in, so that a
// planted cookie never becomes a session.
func (v *visit) postSignIn() error {
	next := localPath(v.r.PostForm.Get("next"))
	if v.options.Tokens == nil {
		return &redirect{next}
	}
	if wait := v.options.Shared.LimitSignIn(v.r.RemoteAddr); wait > 0 {
		return &failure{status: http.StatusTooManyRequests, key: "signin.often", retryAfter: wait}
	}
	token := strings.TrimSpace(v.r.PostForm.Get(tokenField))
	var caller *access.Caller
	err := error(access.ErrNoToken)
	if len(token) <= tokenBytesMax {
		caller, err = v.options.Tokens.Caller(token)
	}
	switch {
	case errors.Is(err, access.ErrNoToken), errors.Is(err, access.ErrExpired):
		// One text for both: it does not confirm that a token was valid.
		v.write(http.StatusUnauthorized, "signin", "signin", &signInBody{next, "signin.invalid"})
		return nil
	case err != nil:
		return err
	}
	if v.session != "" {
		v.sessions.End(v.session)
	}
	v.setCookie(sessionCookie, v.sessions.Start(token, caller.Name))
	v.setCookie(formCookie, "")
	return &redirect{next}
}

func (v *visit) postSignOut() error {
	v.sessions.End(v.session)
	v.streams.EndOf(v.session, "")
	v.setCookie(sessionCookie, "")
	return &redirect{signInPath}
}

func (v *visit) postLanguage() error {
	if code := v.r.PostForm.Get("language"); text.For(code) != nil {
		v.setCookie(languageCookie, code)
	}
	return &redirect{localPath(v.r.PostForm.Get("back"))}
}

// assetAge is the maximum age of a cached asset in seconds. An upgrade of the node changes
// the assets, and the pages of an old and a new node differ.
const assetAge = "300"

func (v *visit) getAsset() error {
	name := v.r.PathValue("file")
	body, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		return &failure{status: http.StatusNotFound, key: "missing"}
	}
	if name == "console.css" {
		body = style.Sheet(body)
	}
	h := v.w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "max-age="+assetAge)
	_, _ = v.w.Write(body) // a client that disconnected can repeat the request
	return nil
}

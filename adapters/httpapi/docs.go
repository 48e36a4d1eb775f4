package httpapi

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/swaggest/swgui/v5emb"
)

const (
	docsPath     = "/docs/"
	problemsPath = "/docs/problems"
	openAPIPath  = "/openapi.json"

	// docsPolicy lets the pages load nothing from anywhere else. Their one script
	// that stands in the page itself is the library's.
	docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// mountDocs serves the pages about the interface, which load nothing from anywhere
// else.
func (s *Server) mountDocs() {
	var err error
	if s.document, err = openAPI(s.options.Version); err != nil {
		panic(fmt.Sprintf("the OpenAPI document can't be written: %v", err)) // of our own types
	}
	pages := v5emb.New("authledger", openAPIPath, docsPath)
	s.mux.Handle("GET "+docsPath, s.guard(&route{method: "GET", path: docsPath, always: true, serve: func(_ *Server, _ *call, w *answer, r *http.Request) error {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		pages.ServeHTTP(w, r)
		return nil
	}}))
	s.mux.Handle("GET "+problemsPath, s.guard(&route{method: "GET", path: problemsPath, always: true, serve: (*Server).getProblems}))
}

func (s *Server) getOpenAPI(_ *call, w *answer, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.document) // whoever asked and went away asks again
	return nil
}

// problemSays tells of each kind of problem what it means, and what to do.
var problemSays = []struct{ kind, says string }{
	{badRequest, "The request is not as it must be; the detail says where. Mend it."},
	{unauthorized, "No token was shown, or none that is valid. Ask the operator for one."},
	{forbidden, "The token's role, source or persons don't allow this. Ask the operator for another token."},
	{notFound, "There is nothing at this path, or no such record yet."},
	{notAllowed, "The path takes another method; Allow says which."},
	{tooLarge, "The body is larger than a command or a batch may be. Send less at once."},
	{unsupported, "Commands are JSON, in one of the three modes of CloudEvents, without an encoding."},
	{invalidCommand, "The command was not recorded; the verdict says which member is wrong, and why. Mend it; its id is still free."},
	{tooManyRequests, "Too much was asked in too short a time, or too many streams are open. Retry-After says when to ask again."},
	{cutOff, "The body did not arrive whole, and nothing was recorded. Send it again with the same id."},
	{outcomeUnknown, "Whether the command was recorded is not known. Send it again with the same id: it is recorded once."},
	{notReady, "The node is being opened, is stopping, or must not serve. Retry-After says when to ask again; /readyz says why."},
	{internal, "Something is wrong in the node. Its log has the request's id."},
}

func (s *Server) getProblems(_ *call, w *answer, _ *http.Request) error {
	var page strings.Builder
	page.WriteString("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>authledger: problems</title><h1>Problems</h1><dl>\n")
	for _, p := range problemSays {
		fmt.Fprintf(&page, "<dt id=\"%[1]s\"><code>%[1]s</code></dt><dd>%s</dd>\n", p.kind, html.EscapeString(p.says))
	}
	page.WriteString("</dl></html>\n")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", docsPolicy)
	_, _ = w.Write([]byte(page.String())) // whoever asked and went away asks again
	return nil
}

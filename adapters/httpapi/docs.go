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

	// docsPolicy forbids the pages to load anything from other hosts. It permits inline
	// scripts, because the library that renders the pages contains one.
	docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// mountDocs adds the documentation pages. The pages load nothing from other hosts.
func (s *Server) mountDocs() {
	var err error
	if s.document, err = openAPI(s.options.Version); err != nil {
		panic(fmt.Sprintf("write the OpenAPI document: %v", err)) // it consists of types of this program, which always encode
	}
	pages := v5emb.New("authledger", openAPIPath, docsPath)
	s.mux.Handle("GET "+docsPath, s.guard(&route{method: "GET", path: docsPath, isPublic: true, serve: func(_ *Server, _ *call, w *answer, r *http.Request) error {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		pages.ServeHTTP(w, r)
		return nil
	}}))
	s.mux.Handle("GET "+problemsPath, s.guard(&route{method: "GET", path: problemsPath, isPublic: true, serve: (*Server).getProblems}))
}

func (s *Server) getOpenAPI(_ *call, w *answer, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.document) // a client that disconnected can repeat the request
	return nil
}

// problemTexts describes each kind of problem and the action of the client.
var problemTexts = []struct{ kind, text string }{
	{badRequest, "The request is invalid. The detail names the parameter or the header, and the accepted values. Correct the request."},
	{unauthorized, "The token is missing or invalid. Get a token from the operator."},
	{forbidden, "The role, the source or the permitted persons of the token do not match the request. Get another token from the operator."},
	{notFound, "The path, the record or the dead letter does not exist, or the node has no intake."},
	{notAllowed, "The path does not accept the method. The header Allow lists the accepted methods."},
	{tooLarge, "The body of the request or of the answer is too large. Send fewer commands, or request fewer records."},
	{misdirected, "The listener requires no credentials, and the Host header does not name the machine. Send the request to an address or to localhost."},
	{keyMissing, "The key of sealed data is missing or damaged, so the node can't decrypt the data. The operator restores the keys from a backup. Without reveal, the answer contains the rest of the record."},
	{unsupported, "The body is not JSON in one of the three modes of CloudEvents, or it has a Content-Encoding."},
	{invalidCommand, "The command was not recorded. The verdict names the invalid member and the cause. Correct the command; its id can be used again."},
	{tooManyRequests, "The caller exceeds its rate, or too many streams are open. Retry after the seconds in Retry-After."},
	{cutOff, "The body is incomplete, and nothing was recorded. Retry with the same id."},
	{outcomeUnknown, "It is unknown whether the command was recorded. Retry with the same id: the ledger records the command once."},
	{notReady, "The node can't answer the request now. The detail names the cause: for example, the node is opening the ledger, its log is damaged, or too many queries wait. Retry after the seconds in Retry-After."},
	{internal, "The node failed to answer. Its log contains the id of the request."},
}

func (s *Server) getProblems(_ *call, w *answer, _ *http.Request) error {
	var page strings.Builder
	page.WriteString("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>authledger: problems</title><h1>Problems</h1><dl>\n")
	for _, p := range problemTexts {
		fmt.Fprintf(&page, "<dt id=\"%[1]s\"><code>%[1]s</code></dt><dd>%s</dd>\n", p.kind, html.EscapeString(p.text))
	}
	page.WriteString("</dl></html>\n")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", docsPolicy)
	_, _ = w.Write([]byte(page.String())) // a client that disconnected can repeat the request
	return nil
}

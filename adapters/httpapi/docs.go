package httpapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"authledger/adapters/httpapi/apidoc"
	"authledger/adapters/style"
	"authledger/domain/problems"
	"authledger/eventstore/wire"
)

const (
	docsPath    = "/docs/"
	stylePath   = docsPath + "authledger.css"
	openAPIPath = apidoc.OpenAPIPath

	// docsPolicy forbids the pages to load anything from other hosts. It permits inline
	// scripts, because the library that renders the pages contains one.
	docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// docsRules are the rules of the API pages and of the pages of problem types.
//
//go:embed docs.css
var docsRules []byte

// pageHead is in the head of each page, after the styles of the library.
const pageHead = `<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="` + stylePath + `">
`

// Texts of the pages that the library does not have. Its title would name the library.
const (
	docsHead = pageHead + `<script>document.title = "authledger: API"</script>`

	docsBar = `<header class="top"><div class="bar"><a class="brand" href="/">authledger</a><nav aria-label="Pages of the node">` +
		`<a href="/">Console</a><a href="` + docsPath + `" aria-current="page">API</a><a href="` + problems.Path + `">Problem types</a></nav></div></header>`
)

// docsSettings are options of the library, as JavaScript values. The page first shows the resources
// without their operations, because the document has more operations than fit on some screens.
var docsSettings = map[string]string{"docExpansion": `"none"`, "displayRequestDuration": "true"}

// mountDocs adds the documentation pages. The pages load nothing from other hosts.
func (s *Server) mountDocs() {
	var err error
	if s.document, err = apidoc.Document(s.options.Version, documentedRoutes()); err != nil {
		panic(fmt.Sprintf("write the OpenAPI document: %v", err)) // it consists of types of this program, which always encode
	}
	pages := v5emb.NewHandlerWithConfig(swgui.Config{
		Title: "authledger", SwaggerJSON: openAPIPath, BasePath: docsPath, SettingsUI: docsSettings,
		AppendHead: template.HTML(docsHead), PrependHTML: template.HTML(docsBar),
	})
	s.mux.Handle("GET "+stylePath, s.guard(&route{method: "GET", path: stylePath, isPublic: true, serve: (*Server).getStyle}))
	s.mux.Handle("GET "+docsPath, s.guard(&route{method: "GET", path: docsPath, isPublic: true, serve: func(_ *Server, _ *call, w *answer, r *http.Request) error {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		pages.ServeHTTP(w, r)
		return nil
	}}))
}

func (s *Server) getStyle(_ *call, w *answer, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(style.Sheet(docsRules)) // a client that disconnected can repeat the request
	return nil
}

func (s *Server) getOpenAPI(_ *call, w *answer, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	now := wire.AppendTime(nil, s.options.Now().Truncate(time.Second))
	_, _ = w.Write(bytes.ReplaceAll(s.document, []byte(apidoc.PresentTime), now)) // a client that disconnected can repeat the request
	return nil
}

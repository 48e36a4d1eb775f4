package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/swaggest/swgui/v5emb"

	"authledger/adapters/httpapi/apidoc"
	"authledger/eventstore/wire"
)

const (
	docsPath    = "/docs/"
	openAPIPath = apidoc.OpenAPIPath

	// docsPolicy forbids the pages to load anything from other hosts. It permits inline
	// scripts, because the library that renders the pages contains one.
	docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// mountDocs adds the documentation pages. The pages load nothing from other hosts.
func (s *Server) mountDocs() {
	var err error
	if s.document, err = apidoc.Document(s.options.Version, documentedRoutes()); err != nil {
		panic(fmt.Sprintf("write the OpenAPI document: %v", err)) // it consists of types of this program, which always encode
	}
	pages := v5emb.New("authledger", openAPIPath, docsPath)
	s.mux.Handle("GET "+docsPath, s.guard(&route{method: "GET", path: docsPath, isPublic: true, serve: func(_ *Server, _ *call, w *answer, r *http.Request) error {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		pages.ServeHTTP(w, r)
		return nil
	}}))
}

func (s *Server) getOpenAPI(_ *call, w *answer, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	now := wire.AppendTime(nil, s.options.Now().Truncate(time.Second))
	_, _ = w.Write(bytes.ReplaceAll(s.document, []byte(apidoc.PresentTime), now)) // a client that disconnected can repeat the request
	return nil
}

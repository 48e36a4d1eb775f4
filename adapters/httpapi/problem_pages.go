package httpapi

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"authledger/domain/problems"
)

// pagesPolicy forbids the pages of problems to load anything but their style.
const pagesPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mountProblems adds the page that lists all problem types.
func (s *Server) mountProblems() {
	s.mux.Handle("GET "+problems.Path+"{$}", s.guard(&route{method: "GET", path: problems.Path, isPublic: true, serve: (*Server).getProblems}))
}

func (s *Server) getProblems(_ *call, w *answer, r *http.Request) error {
	writePage(w, r, "Problem types", problems.All())
	return nil
}

func (s *Server) getProblem(_ *call, w *answer, r *http.Request) error {
	found := problems.Find(r.PathValue("name"))
	if found == nil {
		return &problem{status: http.StatusNotFound, kind: notFound, detail: "unknown problem type: see " + problems.Path + " for all types"}
	}
	writePage(w, r, found.Title, []problems.Type{*found})
	return nil
}

// writePage writes a page as HTML to a client that accepts HTML, such as a browser, and as
// text to other clients, such as curl.
func writePage(w http.ResponseWriter, r *http.Request, title string, all []problems.Type) {
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Content-Security-Policy", pagesPolicy)
	page := pageText(all)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if preferred(r.Header, "text/plain", "text/html") == "text/html" {
		page = pageHTML(title, all)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	_, _ = w.Write([]byte(page)) // a client that disconnected can repeat the request
}

func pageText(all []problems.Type) string {
	var page strings.Builder
	for i, p := range all {
		if i > 0 {
			page.WriteString("\n")
		}
		fmt.Fprintf(&page, "%s (status %d): %s\n\nWhat happened: %s\nWhat to do next: %s\n", p.Name, p.Status, p.Title, p.Happened, p.Next)
	}
	return page.String()
}

// problemsBar is the bar of the pages of problem types.
const problemsBar = `<header class="top"><div class="bar"><a class="brand" href="/">authledger</a><nav aria-label="Pages of the node">` +
	`<a href="/">Console</a><a href="` + docsPath + `">API</a><a href="` + problems.Path + `">Problem types</a></nav></div></header>`

func pageHTML(title string, all []problems.Type) string {
	var page strings.Builder
	fmt.Fprintf(&page, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n%[2]s<title>authledger: %[1]s</title>\n%[3]s\n<main class=\"problems\">\n<h1>%[1]s</h1>\n",
		html.EscapeString(title), pageHead, problemsBar)
	for _, p := range all {
		fmt.Fprintf(&page, "<section class=\"problem\"><h2><a href=\"%s\"><code>%s</code></a> <small>status %d</small><br>%s</h2>\n"+
			"<p><b>What happened:</b> %s</p>\n<p><b>What to do next:</b> %s</p></section>\n",
			problems.Reference(p.Name), p.Name, p.Status, html.EscapeString(p.Title), html.EscapeString(p.Happened), html.EscapeString(p.Next))
	}
	page.WriteString("</main>\n</html>\n")
	return page.String()
}

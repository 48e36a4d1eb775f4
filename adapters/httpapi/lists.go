package httpapi

import (
	"context"
	"net/http"
	"strings"

	"authledger/adapters/csvlist"
	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

const (
	csvType        = apidoc.CSVType
	csvContentType = csvType + "; charset=utf-8; header=present" // RFC 7111, RFC 4180

	linkHeader = apidoc.LinkHeader
	varyHeader = apidoc.VaryHeader
)

// listTypes are the media types of a list, the default first.
var listTypes = []string{jsonType, csvType}

// Page is a page of a list.
type Page interface {
	domain.Data
	// NextPage returns the value of the parameter after for the next page, "" on the last page.
	NextPage() string
}

// chooseFormat sets the media type of the answer to a list.
func (c *call) chooseFormat(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set(varyHeader, acceptHeader+", "+authorizationHeader)
	switch c.format = accepted(r.Header, listTypes...); {
	case c.format == "":
		return &problem{status: http.StatusNotAcceptable, kind: notAcceptable,
			detail: "Accept: no accepted media type, want " + strings.Join(listTypes, " or ")}
	case c.format == csvType && c.values.Flag(operations.Reveal):
		return bad("reveal: CSV has no sealed members: send the request with Accept: %s, or without reveal", jsonType)
	}
	return nil
}

// asList returns the handler of a list. It answers 304 in place of the list if the client has
// an answer that is still valid.
func asList(serve serveFunc) serveFunc {
	return func(s *Server, c *call, w *answer, r *http.Request) (err error) {
		if c.tag, err = s.listTag(r.Context(), c); err != nil {
			return err
		}
		tag, isValid, err := s.validTag(c, r.Header)
		if err != nil {
			return err
		}
		if isValid {
			w.Header().Set(eTagHeader, tag)
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		return serve(s, c, w, r)
	}
}

// writeList writes a page in the chosen format.
func (c *call) writeList(w *answer, r *http.Request, p Page) error {
	if c.format == csvType {
		return c.writeCSV(w, r, p)
	}
	c.setListHeaders(w.Header(), r, p.NextPage())
	w.writeJSON(wire.AppendAnswer(nil, p))
	return nil
}

func (c *call) writeCSV(w *answer, r *http.Request, p Page) error {
	next := p.NextPage()
	text, err := csvlist.Write(p, c.route.operation.Items)
	if err != nil {
		return err
	}
	c.setListHeaders(w.Header(), r, next)
	w.send(http.StatusOK, csvContentType, text)
	return nil
}

// setListHeaders sets the headers of an answer with a page. The link to the next page (RFC 8288)
// is the path of the request with all its parameters.
func (c *call) setListHeaders(h http.Header, r *http.Request, next string) {
	h.Set(eTagHeader, c.tag)
	if next == "" {
		return
	}
	values := r.URL.Query()
	values.Set(operations.After, next)
	h.Set(linkHeader, "<"+r.URL.EscapedPath()+"?"+values.Encode()+`>; rel="next"`)
}

// deadLetterVersion returns the version of the list of dead letters, an error without an intake.
func (*Server) deadLetterVersion(ctx context.Context, c *call) (string, error) {
	if c.deadLetters() == nil {
		return "", noIntake
	}
	return c.deadLetters().Version(ctx)
}

package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"authledger/domain"
	"authledger/domain/operations"
)

// errFinished reports that the client of a stream has received the stream's last record.
var errFinished = errors.New("httpapi: the stream is finished")

// validate checks all parameters of a query before the ledger records the query. A record
// must not contain invalid values, because users sometimes type a password into the field
// for a name.
func (s *Server) validate(c *call, r *http.Request) error {
	if _, err := s.moment(c, r.Context()); err != nil {
		return err
	}
	o := c.route.operation
	// troubleshoot reports an invalid name as one of its cases.
	if p := o.PathParameter(); p != nil && p.Type == operations.Text && o.Name != "troubleshoot" {
		if _, err := c.subject(p.Name); err != nil {
			return err
		}
	}
	if o.Parameter(operations.Order) != nil && o.PathParameter() == nil {
		_, err := c.filter()
		return err
	}
	if o.Name == "stats" {
		_, err := s.statisticsQuery(c, r)
		return err
	}
	if o.Name != "records" {
		return nil
	}
	sp, err := c.span()
	if err != nil {
		return err
	}
	if err := c.validateEntity(sp.filter.Entity); err != nil || !sp.follow {
		return err
	}
	_, err = c.resumeAfter(r, &sp)
	return err
}

// validateEntity checks the name in an entity like a name in a path.
func (c *call) validateEntity(e domain.Entity) error {
	if user, ok := e.User(); ok {
		if wrong := c.rows.Policy().BadName(user); wrong != nil {
			return bad("entity: user: %v", wrong)
		}
		return nil
	}
	kind, name, _ := strings.Cut(string(e), "/")
	accepted := ""
	switch kind {
	case "source":
		accepted = "0123456789"
	case "system":
		accepted = "abcdefghijklmnopqrstuvwxyz-_"
	}
	if accepted != "" && strings.Trim(name, accepted) != "" {
		return bad("entity: invalid name of a %s, accepted characters: %s", kind, accepted)
	}
	if wrong := domain.WrongID(name); e != "" && wrong != "" {
		return bad("entity: %s", wrong)
	}
	return nil
}

// resumeAfter returns the last record that the client of a stream has received, 0 for
// none. It returns [errFinished] if the client has received the last record of the span.
func (c *call) resumeAfter(r *http.Request, sp *span) (uint64, error) {
	const header = "Last-Event-ID"
	last, err := recordNumber(header, r.Header.Get(lastEventIDHeader))
	if err != nil {
		return 0, err
	}
	if sp.to > 0 && last >= sp.to {
		return 0, errFinished
	}
	if newest := c.ledger.Health().Position.Seq; last > newest {
		return 0, bad("%s: record %d does not exist, the newest is %d: read from the beginning, or check whether the ledger was replaced", header, last, newest)
	}
	return last, nil
}

// recordedQuery returns the query as the ledger records it: the path and the parameters
// that [Server.validate] accepted. It omits the purpose, because audit.read has a separate
// member for it. In place of an invalid user name it contains the position and the value of
// the first invalid character.
func (c *call) recordedQuery() string {
	path := c.route.path
	if p := c.route.operation.PathParameter(); p != nil {
		path = strings.Replace(path, "{"+p.Name+"}", c.recordedSubject(p.Name), 1)
	}
	values := url.Values(c.values.Canonical())
	values.Del(operations.Purpose)
	if name := values.Get(operations.User); name != "" {
		values.Set(operations.User, c.recordedName(name))
	}
	if name, ok := domain.Entity(values.Get(operations.Entity)).User(); ok {
		values.Set(operations.Entity, string(domain.UserEntity(c.recordedName(name))))
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// recordedSubject returns the parameter in the path as a record contains it.
func (c *call) recordedSubject(parameter string) string {
	text := c.values.Text(parameter)
	if parameter != operations.User {
		return url.PathEscape(text)
	}
	if wrong := c.rows.Policy().BadName(text); wrong != nil {
		return describeBadName(wrong)
	}
	if text = c.recordedName(text); text == unknownName {
		return text
	}
	return url.PathEscape(text)
}

// describeBadName returns the text that stands for an invalid user name in a record. No
// name equals the text, because recordedQuery escapes braces in names.
func describeBadName(wrong *domain.BadName) string {
	if wrong.Character == "" {
		return fmt.Sprintf("{position %d, a character is missing}", wrong.Position)
	}
	return fmt.Sprintf("{position %d, character %s}", wrong.Position, url.PathEscape(wrong.Character))
}

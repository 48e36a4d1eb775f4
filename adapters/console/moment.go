package console

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// Names of the fields of the form that selects a moment. The page that receives them
// redirects to a URL with at or asOf.
const (
	instantField = "instant"
	recordField  = "record"
)

// moment is the instant and the position for which a page is shown.
type moment struct {
	at     time.Time
	until  time.Time    // zero for the present: no bound on effective times
	asOf   queries.AsOf // position of the page
	isPast bool

	name, value string // parameter of the URL, "" for the present
}

// seq returns the position as a parameter of queries.
func (m *moment) seq() *uint64 { return &m.asOf.Seq }

// inQuery adds the parameter of the moment to the path of a page.
func (m *moment) inQuery(path string) string {
	if m.name == "" {
		return path
	}
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(m.name, m.value)
	u.RawQuery = q.Encode()
	return u.String()
}

// findMoment sets the moment from the parameters at and asOf, which mean the same as in the
// API. With asOf alone the instant is the effective time of that record, or the given instant.
func (v *visit) findMoment() (err error) {
	v.moment.at = v.options.Now()
	if v.moment.asOf, err = v.Queries.Position(v.r.Context()); err != nil || v.route.isWithoutMoment {
		return err
	}
	if len(v.r.URL.RawQuery) > queryBytesMax {
		return errBadMoment
	}
	query, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil {
		return errBadMoment
	}
	if to, ok := chosenMoment(v.r.URL.Path, query); ok {
		return &redirect{to}
	}
	at, asOf := query.Get(operations.At), query.Get(operations.AsOf)
	switch {
	case at != "" && asOf != "":
		return errBadMoment
	case at != "":
		return v.setInstant(at)
	case asOf != "":
		return v.setPosition(asOf)
	}
	return nil
}

var errBadMoment = &failure{status: http.StatusBadRequest, key: "moment"}

// chosenMoment returns the URL that the form of the moment selects. The fields of the form
// are the first that is not empty of instant, in UTC, and record.
func chosenMoment(path string, query url.Values) (to string, ok bool) {
	_, isForm := query[instantField]
	if _, hasRecord := query[recordField]; !isForm && !hasRecord {
		return "", false
	}
	instant, record := query.Get(instantField), query.Get(recordField)
	query.Del(instantField)
	query.Del(reloadField)
	query.Del(recordField)
	query.Del(operations.At)
	query.Del(operations.AsOf)
	switch {
	case record != "":
		query.Set(operations.AsOf, record)
	case instant != "":
		if t, err := parseLocal(instant); err == nil {
			instant = t.Format(time.RFC3339)
		}
		query.Set(operations.At, instant)
	}
	return (&url.URL{Path: path, RawQuery: query.Encode()}).String(), true
}

// parseLocal parses the value of a field for a date and a time.
func parseLocal(text string) (t time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04",
		"2006-01-02 15:04:05"} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// setInstant shows the events up to an instant, whenever the ledger recorded them.
func (v *visit) setInstant(text string) error {
	at, err := wire.ReadTime(text)
	if err != nil {
		return errBadMoment
	}
	m := &v.moment
	m.at, m.until, m.isPast = at, at, true
	m.name, m.value = operations.At, at.UTC().Format(time.RFC3339Nano)
	return nil
}

// setPosition shows the state after a record, or after the last record up to an instant.
func (v *visit) setPosition(text string) (err error) {
	m := &v.moment
	m.isPast, m.name = true, operations.AsOf
	seq, parseErr := strconv.ParseUint(text, 10, 63)
	if parseErr == nil {
		m.value = strconv.FormatUint(seq, 10)
		if m.asOf, err = v.Queries.AsOf(v.r.Context(), seq); err != nil || seq == 0 {
			return err
		}
		record, err := v.Ledger.Record(v.r.Context(), seq)
		m.at = record.Time
		return err
	}
	instant, parseErr := wire.ReadTime(text)
	if parseErr != nil || instant.After(m.at) {
		return errBadMoment
	}
	m.at, m.value = instant, instant.UTC().Format(time.RFC3339Nano)
	if seq, err = v.Queries.SeqAt(v.r.Context(), instant); err != nil {
		return err
	}
	m.asOf, err = v.Queries.AsOf(v.r.Context(), seq)
	return err
}

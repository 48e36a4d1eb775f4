package operations

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Values holds the parameters of one request after [Operation.Parse]. The zero Values
// holds no parameter.
type Values struct {
	operation *Operation
	parsed    map[string]value
}

type value struct {
	text    string // as the client wrote it
	meant   string // for which the text stands, see [Values.Resolve]
	number  uint64
	instant time.Time
	flag    bool

	position []byte // in a Cursor
}

// ParameterError reports the parameter whose value [Operation.Parse] rejected. A caller that
// calls the parameter by another name, such as a flag, writes that name and Err.
type ParameterError struct {
	Parameter string // name
	Err       error  // the accepted values, never the value of the request
}

func (e *ParameterError) Error() string { return e.Parameter + ": " + e.Err.Error() }

// Unwrap returns the error of the value.
func (e *ParameterError) Unwrap() error { return e.Err }

// Parse validates the parameters of a request against the table and returns their values.
// The argument path returns the value of a parameter in the path, and query holds the
// parameters of the query part. The argument readTime parses an instant. The caller passes
// the function that parses the members of commands, so that both have one format.
//
// An error names the parameter and the accepted values. It never contains the value, because
// people sometimes type a password in place of a name.
func (o *Operation) Parse(path func(name string) string, query map[string][]string, readTime func(string) (time.Time, error)) (Values, error) {
	v := Values{o, make(map[string]value, len(query)+1)}
	for name, texts := range query {
		p := o.Parameter(name)
		if p == nil || p.In != InQuery {
			if (name == AsOf || name == At) && o.Parameter(Order) != nil && !o.ReadsLedger {
				return Values{}, fmt.Errorf("%s: the dead letters of the past are not kept, accepted: %s", name, o.queryNames())
			}
			if (name == AsOf || name == At) && o.ReadsLedger {
				return Values{}, fmt.Errorf("%s: the counts of this operation are those of the whole log, accepted: %s", name, o.queryNames())
			}
			return Values{}, fmt.Errorf("unknown parameter, accepted: %s", o.queryNames())
		}
		if len(texts) != 1 {
			return Values{}, &ParameterError{name, fmt.Errorf("got %d values, want one", len(texts))}
		}
		if texts[0] == "" && p.Type != Text {
			continue // an empty value is an absent one
		}
		if err := v.parse(p, texts[0], readTime); err != nil {
			return Values{}, &ParameterError{name, err}
		}
	}
	if p := o.PathParameter(); p != nil {
		if err := v.parse(p, path(p.Name), readTime); err != nil {
			return Values{}, &ParameterError{p.Name, err}
		}
	}
	if p := o.Parameter(After); p == nil || p.Type != Cursor {
		return v, nil
	}
	if err := v.parseCursor(); err != nil {
		return Values{}, err
	}
	return v, nil
}

func (v *Values) parse(p *Parameter, text string, readTime func(string) (time.Time, error)) (err error) {
	parsed := value{text: text, meant: text}
	switch p.Type {
	case Text:
		if p.BytesMax > 0 && len(text) > p.BytesMax {
			return fmt.Errorf("invalid value, want at most %d bytes", p.BytesMax)
		}
	case Number, RecordNumber:
		if parsed.number, err = p.parseNumber(text); err != nil {
			return err
		}
	case Instant:
		if parsed.instant, err = readTime(text); err != nil {
			return fmt.Errorf("invalid value: %w", err)
		}
	case Moment:
		if parsed.number, err = p.parseNumber(text); err == nil {
			break
		}
		if parsed.instant, err = readTime(text); err != nil {
			return fmt.Errorf("invalid value, want a record number or an instant: %w", err)
		}
	case Boolean:
		if text != "true" && text != "false" {
			return errors.New("invalid value, want true or false")
		}
		parsed.flag = text == "true"
	case Choice:
		if !slices.Contains(p.Choices, text) {
			return fmt.Errorf("invalid value, want one of %s", strings.Join(p.Choices, ", "))
		}
	case Date:
		if parsed.instant, err = time.Parse(time.DateOnly, text); err != nil {
			return errors.New("invalid value, want a day such as 2026-03-02")
		}
	case Amount:
		if !amountForm.MatchString(text) {
			return errors.New("invalid value, want an amount such as 10000 or 10000.00")
		}
	}
	v.parsed[p.Name] = parsed
	return nil
}

// amountForm is the form of amounts in USD in commands, below the maximum of an int64 in cents.
var amountForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$`)

func (p *Parameter) parseNumber(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	switch {
	case err == nil && p.Type == Moment:
		return n, nil
	case err != nil || int64(n) < p.Minimum || int64(n) > p.Maximum:
		if p.Maximum == numberMax {
			return 0, fmt.Errorf("invalid value, want a whole number of at least %d", p.Minimum)
		}
		return 0, fmt.Errorf("invalid value, want a whole number from %d to %d", p.Minimum, p.Maximum)
	}
	return n, nil
}

// Selection returns the parameters that determine the answer, in one order, as text. Requests
// with the same selection have the same answer at the same position and instant.
func (v *Values) Selection() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(v.parsed)) {
		if name != AtLeast && name != Purpose && name != ReadSession {
			fmt.Fprintf(&b, "%s=%q;", name, v.parsed[name].text)
		}
	}
	return b.String()
}

// Has reports whether the request has a value of the parameter.
func (v *Values) Has(name string) bool {
	_, ok := v.parsed[name]
	return ok
}

// Text returns the value of a parameter as the client wrote it, or the text for which it stands. It
// returns "" if the parameter is absent.
func (v *Values) Text(name string) string { return v.parsed[name].meant }

// Resolve sets the text for which the value of a parameter stands, such as the pseudonym of a user. It
// changes no copy of v. Cursors stay bound to the value as the client wrote it, because the client sends
// that value again with the cursor.
func (v *Values) Resolve(name, text string) {
	v.parsed = maps.Clone(v.parsed)
	resolved := v.parsed[name]
	resolved.meant = text
	v.parsed[name] = resolved
}

// Canonical returns the parameters of the query part as text, with resolved values in place of the client's
// values. Its cursor is bound to the resolved values.
func (v *Values) Canonical() map[string][]string {
	resolved := Values{v.operation, maps.Clone(v.parsed)}
	query := make(map[string][]string, len(v.parsed))
	for name, each := range v.parsed {
		each.text = each.meant
		resolved.parsed[name] = each
		if v.operation.Parameter(name).In == InQuery {
			query[name] = []string{each.text}
		}
	}
	if position := v.Position(); position != nil {
		query[After] = []string{resolved.Next(position)}
	}
	return query
}

// Number returns the value of a Number, a RecordNumber or a Moment that is a number. For
// an absent parameter it returns the default, 0 if the table has none.
func (v *Values) Number(name string) uint64 {
	if parsed, ok := v.parsed[name]; ok || v.operation == nil {
		return parsed.number
	}
	if p := v.operation.Parameter(name); p != nil {
		return uint64(p.Default)
	}
	return 0
}

// Instant returns the value of an Instant or a Moment. It returns the zero time if the
// parameter is absent or a number.
func (v *Values) Instant(name string) time.Time { return v.parsed[name].instant }

// Flag returns the value of a Boolean, false if it is absent.
func (v *Values) Flag(name string) bool { return v.parsed[name].flag }

package wire

import (
	"errors"
	"net/url"
	"strings"

	"authledger/domain"
)

// AttributePrefix begins the names of the headers that carry attributes in binary mode,
// in the canonical case of HTTP.
const AttributePrefix = "Ce-"

// ReadAttributes reads the attributes of a CloudEvent in binary mode from headers whose
// names are in the canonical case of HTTP. Values are percent-decoded and may be quoted
// (CloudEvents bindings to HTTP and NATS, 3.1.3.2). ReadAttributes returns a rejection for a
// header that occurs twice, or that it can't decode, together with the attributes that it has
// read before.
func ReadAttributes(headers map[string][]string) (a Attributes, _ *domain.Rejection) {
	for _, at := range []struct {
		name string
		text *string
	}{{"specversion", &a.SpecVersion}, {"id", &a.ID}, {"source", &a.Source}, {"type", &a.Type}, {"time", &a.Time}} {
		values := headers[AttributePrefix+strings.ToUpper(at.name[:1])+at.name[1:]]
		if len(values) == 0 {
			continue
		}
		text, err := DecodeAttribute(values[0])
		if len(values) > 1 || err != nil {
			return a, &domain.Rejection{Reason: domain.Malformed, Field: at.name, Detail: "want one header ce-" + at.name + ", percent-encoded"}
		}
		*at.text = text
	}
	return a, nil
}

// DecodeAttribute returns the text of a ce- header: the quotation marks of a quoted
// string (RFC 9110, 5.6.4) are removed first, then percent-encoding is decoded.
func DecodeAttribute(value string) (string, error) {
	if strings.HasPrefix(value, `"`) {
		text, rest, err := unquoteHeader(value)
		if err != nil || rest != "" {
			return "", errQuoted
		}
		value = text
	}
	return url.PathUnescape(value)
}

// EncodeAttribute returns text as a ce- header: characters outside of U+0021 to U+007E,
// quotation marks and percent signs are percent-encoded.
func EncodeAttribute(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c > '~' || c == '"' || c == '%' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

var (
	errQuoted = errors.New("want a quoted string, ended by a quotation mark")
	errKey    = errors.New(`want one header Idempotency-Key (over NATS: ce-id) with the id of the command as a string in quotation marks, or without them if it holds only letters, digits and !#$%&'*+-.^_|~:/ or a backquote`)
)

// ReadKey reads the values of the header Idempotency-Key as an item of structured fields
// (RFC 9651). A string in quotation marks and a bare token with the same characters are the
// same id. Parameters after either are ignored. A bare key with other characters is an error,
// so that no part of an id is dropped. Beyond RFC 9651, a bare key may begin with a digit, as
// a UUID does, and a string may hold any UTF-8.
func ReadKey(values []string) (string, error) {
	if len(values) != 1 {
		return "", errKey
	}
	value := strings.Trim(values[0], " \t")
	id, rest := value, ""
	if strings.HasPrefix(value, `"`) {
		var err error
		if id, rest, err = unquoteHeader(value); err != nil {
			return "", errKey
		}
	} else if end := strings.IndexByte(value, ';'); end >= 0 {
		id, rest = value[:end], value[end:]
	}
	bare := !strings.HasPrefix(value, `"`)
	if id == "" || (bare && !isToken(id)) || (rest != "" && rest[0] != ';') {
		return "", errKey
	}
	return id, nil
}

// QuoteKey returns an id as the value of the header Idempotency-Key, in quotation marks
// where it needs them.
func QuoteKey(id string) string {
	if isToken(id) {
		return id
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(id) + `"`
}

// isToken reports whether text has only the characters of a token (RFC 9651, 3.3.4), and
// at least one.
func isToken(text string) bool {
	if text == "" {
		return false
	}
	for i := range len(text) {
		c := text[i]
		isLetterOrDigit := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !isLetterOrDigit && strings.IndexByte("!#$%&'*+-.^_`|~:/", c) < 0 {
			return false
		}
	}
	return true
}

// unquoteHeader reads the quoted string that value begins with, and returns the rest.
func unquoteHeader(value string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(value); i++ {
		switch value[i] {
		case '"':
			return b.String(), value[i+1:], nil
		case '\\':
			if i++; i == len(value) {
				return "", "", errQuoted
			}
		}
		b.WriteByte(value[i])
	}
	return "", "", errQuoted
}

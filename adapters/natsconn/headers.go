package natsconn

import (
	"net/http"
	"net/textproto"
	"strings"

	"github.com/nats-io/nats.go"
)

// AttributeHeaders returns the ce- headers of a message with canonical names. If names
// differ only in case, it joins their values under one name, so that the caller can detect
// a repeated attribute.
func AttributeHeaders(h nats.Header) http.Header {
	attributes := make(http.Header)
	for name, values := range h {
		if canonical := textproto.CanonicalMIMEHeaderKey(name); strings.HasPrefix(canonical, "Ce-") {
			attributes[canonical] = append(attributes[canonical], values...)
		}
	}
	return attributes
}

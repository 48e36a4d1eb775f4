package natsconn

import (
	"net/http"
	"net/textproto"
	"strings"

	"github.com/nats-io/nats.go"
)

// AttributeHeaders returns the ce- headers of a message with canonical names. Values of
// names that differ only in case are all kept, so that a repeated attribute is detected.
func AttributeHeaders(h nats.Header) http.Header {
	attributes := make(http.Header)
	for name, values := range h {
		if canonical := textproto.CanonicalMIMEHeaderKey(name); strings.HasPrefix(canonical, "Ce-") {
			attributes[canonical] = append(attributes[canonical], values...)
		}
	}
	return attributes
}

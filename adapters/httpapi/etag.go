package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"authledger/domain/operations"
)

const eTagHeader = "Etag" // in the canonical case of net/http

// tagValidFor is the time for which a tag of a list of the present is valid. Some states change
// without a record: the number of failures in the window of a policy, and the states of imported
// users at their deadlines.
const tagValidFor = 30 * time.Second

// listTag returns the weak tag (RFC 9110, section 8.8.3) of the answer to a list. It is a hash of the
// version of the list, the version of the names, the operation with its parameters, the format and the role, which determines
// the visible members. For a list of the ledger the version is the position of the log, and listTag
// does not read the list. The tag of a list of the present ends with
// the instant of the answer in seconds. The key of the hash is random for each process, so that a
// tag matches no answer of another ledger at the same address.
func (s *Server) listTag(ctx context.Context, c *call) (string, error) {
	version, err := s.listVersion(ctx, c)
	if err != nil {
		return "", err
	}
	hash := hmac.New(sha256.New, s.tagKey[:])
	fmt.Fprintf(hash, "%s\n%d\n%s\n%s\n%s\n%s", version, c.namesVersion(), c.route.operation.Name, c.values.Selection(), c.format,
		c.caller.Role)
	tag := base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:16])
	if c.isOfPresent() {
		tag += "." + strconv.FormatInt(s.options.Now().Unix(), 36)
	}
	return `W/"` + tag + `"`, nil
}

// listVersions holds the functions that return the version of the data of lists outside of the ledger,
// by operation.
var listVersions = map[string]func(*Server, context.Context, *call) (string, error){
	"dead-letters":       (*Server).deadLetterVersion,
	"webhook-deliveries": (*Server).deliveryVersion,
}

// listVersion returns the version of the data that a list reads.
func (s *Server) listVersion(ctx context.Context, c *call) (string, error) {
	if version, ok := listVersions[c.route.operation.Name]; ok {
		return version(s, ctx, c)
	}
	m, err := s.moment(c, ctx)
	if err != nil {
		return "", err
	}
	seq := c.rows.Position().Seq
	if m.asOf != nil {
		seq = *m.asOf
	}
	return strconv.FormatUint(seq, 10), nil
}

// isOfPresent reports whether the answer to the list depends on the present instant.
func (c *call) isOfPresent() bool {
	return c.route.operation.Parameter(operations.At) != nil && !c.values.Has(operations.At)
}

// validTag returns the tag of the header If-None-Match whose answer is still valid. The answer
// keeps the instant of that tag.
func (s *Server) validTag(c *call, h http.Header) (tag string, isValid bool, err error) {
	now := s.options.Now()
	for each := range strings.SplitSeq(strings.Join(h.Values(ifNoneMatchHeader), ","), ",") {
		tag = strings.TrimSpace(each)
		if tag == "*" {
			return c.tag, true, nil // the list exists, whatever its tag
		}
		if !strings.HasPrefix(tag, "W/") {
			tag = "W/" + tag // the comparison is weak
		}
		if tag == c.tag && !c.isOfPresent() {
			return tag, true, nil
		}
		if c.isOfPresent() && sameUntilInstant(tag, c.tag) && isRecent(tag, now) {
			due, err := c.rows.Due(now, 1) // deadlines that no record contains yet
			return tag, len(due) == 0, err
		}
	}
	return "", false, nil
}

// sameUntilInstant reports whether two tags differ at most in their instants.
func sameUntilInstant(a, b string) bool {
	a, _, isOfPresent := strings.Cut(a, ".")
	b, _, _ = strings.Cut(b, ".")
	return isOfPresent && a == b
}

// isRecent reports whether the answer with a tag was computed less than tagValidFor ago.
func isRecent(tag string, now time.Time) bool {
	_, instant, _ := strings.Cut(strings.TrimSuffix(tag, `"`), ".")
	seconds, err := strconv.ParseInt(instant, 36, 64)
	age := now.Sub(time.Unix(seconds, 0))
	return err == nil && age >= 0 && age < tagValidFor
}

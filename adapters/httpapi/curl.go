package httpapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

const (
	jsonType  = apidoc.JSONType
	eventType = apidoc.EventType
	batchType = apidoc.BatchType

	// exampleKind is the type of the command in a curl command for a path without a type.
	exampleKind = "login.report"

	// curlDataMax is the maximum length of data in a curl command, in bytes. A command with
	// longer data, such as a policy, reads the data from a file.
	curlDataMax = 512
)

// plainHost matches a Host header that a shell does not interpret.
var plainHost = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// wantJSON returns the problem for a body in another form than the route accepts. The detail
// contains a curl command for the path, and nothing of the body.
func (c *call) wantJSON(r *http.Request, accepted string) *problem {
	detail := "want " + accepted
	if mediaType(r.Header) == "application/x-www-form-urlencoded" {
		detail += ", got a form, which curl -d sends by default"
	}
	return &problem{status: http.StatusUnsupportedMediaType, kind: unsupported, detail: detail + c.curlExample(r)}
}

// emptyBody returns the problem for an empty body.
func (c *call) emptyBody(r *http.Request) *problem {
	return &problem{status: http.StatusBadRequest, kind: missingBody, detail: "the body is empty: send JSON with -H 'Content-Type: " + jsonType + "'" + c.curlExample(r)}
}

// isFromNATS reports whether the request came over NATS, where no curl command helps.
func (c *call) isFromNATS(r *http.Request) bool {
	return isFromTransport(r) && c.caller.Role != access.Local
}

// curlExample returns the words ", for example: curl …" with a complete curl command for the
// path of the request, "" over NATS.
func (c *call) curlExample(r *http.Request) string {
	if c.isFromNATS(r) {
		return ""
	}
	words := []string{"curl", c.curlAddress(r) + c.curlPath(r)}
	if c.token != "" {
		words = append(words, `-H "Authorization: Bearer $TOKEN"`)
	}
	return ", for example: " + strings.Join(append(words, c.curlBody(r)...), " ")
}

// curlPath returns the path of the request, with a known type of a command in place of an
// unknown one.
func (c *call) curlPath(r *http.Request) string {
	if c.route.isTyped() {
		return commandsPath + "/" + curlKind(r)
	}
	return c.route.path
}

// curlKind returns the type of the command in the path if it is known, otherwise the type of
// the example.
func curlKind(r *http.Request) string {
	if kind := r.PathValue(typePath); domain.ForClients(kind) {
		return kind
	}
	return exampleKind
}

// curlAddress returns the address of the node in a curl command. It uses https for the DNS
// name of a node behind a proxy that terminates TLS, so that the command never sends a token in
// clear text over a network. For the local socket, the client knows the path of the socket.
func (c *call) curlAddress(r *http.Request) string {
	if c.caller.Role == access.Local {
		return "--unix-socket SOCKET http://localhost"
	}
	host := r.Host
	if !plainHost.MatchString(host) {
		host = "127.0.0.1:8080"
	}
	if r.TLS == nil && (Hosts{Networked: true}).accept(host) {
		return "http://" + host
	}
	return "https://" + host
}

// curlBody returns the headers and the data of an example for the route.
func (c *call) curlBody(r *http.Request) []string {
	id := uuid.Must(uuid.NewV7()).String()
	if c.route.path == commandsPath {
		return []string{"-H 'Content-Type: " + eventType + "'", "-d " + quoteShell(c.curlEvent(id))}
	}
	words := []string{"-H 'Content-Type: " + jsonType + "'"}
	if !c.route.isTyped() {
		return append(words, "-d @policy.json") // the only other body is a policy
	}
	words = append(words, "-H 'Idempotency-Key: "+id+"'")
	data := string(wire.AppendData(nil, domain.CommandExample(curlKind(r))))
	if len(data) > curlDataMax {
		return append(words, "-d @data.json")
	}
	return append(words, "-d "+quoteShell(data))
}

// curlEvent returns a CloudEvent that the caller may submit. The caller has the right to at
// least one type, see [access.Role.MaySubmit].
func (c *call) curlEvent(id string) string {
	kind := exampleKind
	if !c.caller.Role.May(access.Right(kind)) {
		kind = domain.ClientCommands()[slices.IndexFunc(domain.ClientCommands(), func(each string) bool {
			// A caller may paste the example, so it must not erase or hold personal data.
			return c.caller.Role.May(access.Right(each)) && !strings.HasPrefix(each, "person.")
		})]
	}
	event := append([]byte(`{"specversion":"1.0","id":"`+id+`","source":`), wire.AppendText(nil, c.caller.Source)...)
	event = append(event, `,"type":"`+kind+`","time":"`...)
	event = wire.AppendTime(event, time.Now().Truncate(time.Second))
	event = append(event, `","data":`...)
	return string(wire.AppendData(event, domain.CommandExample(kind))) + "}"
}

// quoteShell quotes a word for a POSIX shell.
func quoteShell(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// canaries is the number of secrets that the test sends over HTTP.
const canaries = 1000

// clearTextMembers are the members of free text that the contract records unsealed. A
// gateway sets the first three. A user types the label of a device, and the documentation
// states that every reader sees it. An operator sets the source of a token, which its
// records contain.
var clearTextMembers = []string{"clientVersion", "clientChannel", "carrier", "label", "source"}

// TestCanary sends random secrets to every endpoint, in each member, path, parameter and header into
// which a user could type a password by mistake, and in malformed requests. The secrets must be
// absent from all files of the ledger, log lines, metrics and responses. The test searches each
// secret as plain text, reversed, in hexadecimal, in base64 and percent-encoded (issue 4, "No
// oracle, no leak").
func TestCanary(t *testing.T) {
	t.Parallel()
	c := newCanaryNode(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	requests := 0
	for len(c.secrets) < canaries {
		requests += c.sendSecret(newSecret(chance))
	}
	for n := range 3 {
		c.useOwnSecrets(n)
	}
	c.close()
	places, size := c.findSecrets()
	t.Logf("%d secrets in %d requests; %d bytes in %d places searched", len(c.secrets), requests, size, places)
}

// newSecret returns a random password, which is neither a valid name nor a valid id.
func newSecret(chance *rand.Rand) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
	text := make([]byte, 14)
	for i := range text {
		text[i] = letters[chance.IntN(len(letters))]
	}
	return "Q" + string(text) + "!"
}

// canaryNode is a node, and a recorder of all data that leaves the node.
type canaryNode struct {
	t       *testing.T
	dir     string
	node    *node.Node
	edge    *node.Server
	tokens  map[access.Role]string
	kinds   []string
	secrets []string
	out     lockedBuffer // answers and log
}

// lockedBuffer is a buffer that is safe for concurrent use. Timers of a closed node can still write
// log lines while the test reads them.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newCanaryNode(t *testing.T) *canaryNode {
	c := &canaryNode{
		t: t, dir: t.TempDir(),
		tokens: make(map[access.Role]string), kinds: domain.ClientCommands(),
	}
	log := slog.New(slog.NewJSONHandler(&c.out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	table := tokenstest.New(time.Now)
	for _, role := range access.Roles() {
		text, err := table.Add(tokenstest.Spec{Name: string(role), Role: role,
			Persons: []string{access.Anyone}, Rate: testRateMax})
		if err != nil {
			t.Fatal(err)
		}
		c.tokens[role] = text
	}
	var err error
	c.edge, err = node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0", Tokens: table.Table, Log: log,
		Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c.node, err = node.Open(t.Context(),
		node.Options{Dir: c.dir, Realm: realmDefault, Name: nodeDefault, Log: log, Tokens: table.Table})
	if err != nil {
		t.Fatal(err)
	}
	c.edge.ServeNode(c.node)
	return c
}

// sendSecret sends one secret in requests of every kind. The command, the member and the path that
// contain the secret change with each call. It returns the number of requests.
func (c *canaryNode) sendSecret(secret string) (requests int) {
	n := len(c.secrets)
	c.secrets = append(c.secrets, secret)
	kind := c.kinds[n%len(c.kinds)]
	data := c.withSecret(kind, secret, n/len(c.kinds))
	for _, r := range []struct{ method, path, body, kind, header, value string }{
		{"POST", "/v1/commands/" + kind, data, "", "", ""},
		{"POST", "/v1/commands/" + kind, data[:len(data)-1] + fmt.Sprintf(`,"password":%q}`, secret), "", "", ""},
		{"POST", "/v1/commands/" + kind, data[:len(data)-2-n%5], "", "", ""}, // cut off
		{"POST", "/v1/commands", `{"specversion":"1.0","data":{"pin":"` + secret + `"}`,
			"application/cloudevents+json", "", ""},
		{"POST", "/v1/commands",
			`[{"specversion":"1.0","id":"x","source":"gateway/gateway","type":"login.report","time":"` + secret +
				`","data":{}},"` + secret + `"]`, "application/cloudevents-batch+json", "", ""},
		{"POST", "/v1/commands", secret, "application/json", "Ce-Specversion", "1.0"},
		{"POST", "/v1/commands", "{}", "text/" + url.QueryEscape(secret), "", ""},
		{"GET",
			"/v1/users/" + url.PathEscape(secret) + "/" + []string{"lockout", "devices", "codes", "sharings"}[n%4],
			"", "", "", ""},
		{"GET", "/v1/accounts/" + url.PathEscape(secret) + "/withdrawals", "", "", "", ""},
		{"GET", "/v1/policy?at=" + url.QueryEscape(secret), "", "", "", ""},
		{"GET", "/v1/users/alice/devices?limit=" + url.QueryEscape(secret), "", "", "", ""},
		{"GET", "/v1/" + url.PathEscape(secret), "", "", "", ""},
		{"GET", "/v1/gate/login", "", "", "X-Login-User", secret},
		{"GET", "/v1/gate/login", "", "", "X-Login-Address", secret},
		{"GET", "/v1/lockouts", "", "", "Authorization", "Bearer " + secret},
		{"GET", "/v1/lockouts", "", "", "Authorization",
			"Basic " + base64.StdEncoding.EncodeToString([]byte("alice:"+secret))},
		{"PATCH", "/v1/commands?" + url.QueryEscape(secret), secret, "", "Cookie", "session=" + secret},
	} {
		role := access.Gateway
		if !role.May(access.Right(kind)) {
			role = access.Importer
		}
		if kind == "policy.adopt" || domain.IsConfig(kind) {
			role = access.Operator
		}
		c.ask(role, r.method, r.path, r.body, r.kind, r.header, r.value, n)
		requests++
	}
	return requests
}

// withSecret returns the golden command of a type, with the secret in one of its text members and
// in all sealed members.
func (c *canaryNode) withSecret(kind, secret string, turn int) string {
	text, err := os.ReadFile("../../domain/testdata/commands/" + kind + ".json")
	if err != nil {
		c.t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		c.t.Fatal(err)
	}
	var names []string
	for name, value := range members {
		if _, ok := value.(string); ok && !slices.Contains(clearTextMembers, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	members[names[turn%len(names)]] = secret
	for _, sealed := range []string{"userAgent", "note"} {
		if _, has := members[sealed]; has {
			members[sealed] = "agent " + secret
		}
	}
	text, err = json.Marshal(members)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

func (c *canaryNode) ask(role access.Role, method, path, body, kind, header, value string, n int) {
	request, err := http.NewRequest(method, c.edge.URL()+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.tokens[role])
	request.Header.Set("Idempotency-Key", fmt.Sprint("canary-", n))
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if header != "" {
		request.Header.Set(header, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.StatusCode >= 500 {
		c.t.Errorf("%s %s: got status %d, want less than 500: %s", method, path, answer.StatusCode, text)
	}
	fmt.Fprintf(&c.out, "%v\n%s\n", answer.Header, text)
}

// close adds all records and the metrics to the recorded data, and closes the node.
func (c *canaryNode) close() {
	for record, err := range c.node.Ledger.Records(c.t.Context(), 1, 0, false) {
		if err != nil {
			c.t.Fatal(err)
		}
		_, _ = c.out.Write(append(wire.AppendShown(nil, record), '\n')) // it never fails
	}
	c.ask(access.Operator, "GET", "/metrics", "", "", "", "", 0)
	for _, err := range []error{c.node.Rows.Flush(c.t.Context()), c.edge.Shutdown(), c.node.Close()} {
		if err != nil {
			c.t.Error(err)
		}
	}
}

// findSecrets searches the recorded data and every file for every secret in every form.
func (c *canaryNode) findSecrets() (places int, size int64) {
	const window = 8
	forms := make(map[[window]byte][]string)
	for _, secret := range c.secrets {
		backwards := []byte(secret)
		slices.Reverse(backwards)
		for _, form := range []string{
			secret, string(backwards), hex.EncodeToString([]byte(secret)),
			strings.ToUpper(hex.EncodeToString([]byte(secret))),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
			url.QueryEscape(secret),
		} {
			key := [window]byte([]byte(form))
			forms[key] = append(forms[key], strings.TrimRight(form, "="))
		}
	}
	search := func(name string, text []byte) {
		places++
		size += int64(len(text))
		for i := 0; i+window <= len(text); i++ {
			for _, form := range forms[[window]byte(text[i:])] {
				if bytes.HasPrefix(text[i:], []byte(form)) {
					c.t.Errorf("%s: got the secret %s, want no secret: %.80q", name, form, text[max(i-40, 0):i+len(form)])
				}
			}
		}
	}
	search("responses and log lines", []byte(c.out.String()))
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		search(path, text)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return places, size
}

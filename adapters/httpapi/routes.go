package httpapi

import (
	"net/http"
	"strings"

	"authledger/access"
	"authledger/domain"
	"authledger/projections"
)

// Names of what paths hold.
const (
	userPath    = "user"
	accountPath = "account"
	seqPath     = "seq"
	typePath    = "type"
	letterPath  = "position"
)

type serveFunc func(*Server, *call, *answer, *http.Request) error

// route is one path: who may ask it, what it takes, and what answers.
type route struct {
	method, path string
	right        access.Right // "" with commands false: open to all
	commands     bool         // its rights are those of the commands in it
	read         bool         // it reads the ledger
	always       bool         // it answers also without an open ledger
	serve        serveFunc
	says         string
	parameters   []string
	answer       string // name of its schema in the OpenAPI document, "" for none
}

var (
	momentOnly = []string{atParameter, asOfParameter, atLeastParameter, purposeParameter}
	aPage      = append([]string{limitParameter, afterParameter}, momentOnly...)
	aTimeline  = append([]string{revealParameter}, aPage...)
	aRecord    = append([]string{revealParameter}, momentOnly...)
	aSpan      = append([]string{fromParameter, toParameter, entityParameter, typeParameter, followParameter, readingParameter}, aTimeline...)
)

// routes is every path there is (contract.md, "HTTP").
var routes = []route{
	{method: "POST", path: "/v1/commands", commands: true, serve: (*Server).postCommands, answer: "Verdict",
		says: "give a command as a CloudEvent, or a batch of them, and get the verdict once it is on disk"},
	{method: "POST", path: "/v1/commands/{type}", commands: true, serve: (*Server).postTyped, answer: "Verdict",
		says: "give a command by its bare data; the Idempotency-Key is its id"},
	{method: "GET", path: "/v1/gate/login", right: access.Gate, serve: (*Server).gateLogin,
		says: "may this user try to log in now? 200 reserves the attempt, 403 says no: for auth_request of a proxy"},
	{method: "POST", path: "/v1/gate/login", right: access.Gate, serve: (*Server).gateLogin,
		says: "the same, for proxies that pass the method on"},

	{method: "GET", path: "/v1/users/{user}/lockout", right: access.ReadLockout, read: true, serve: (*Server).getLockout, parameters: momentOnly, answer: "Lockout",
		says: "is this user locked, until when, and how many attempts are left"},
	{method: "GET", path: "/v1/users/{user}/devices", right: access.ReadDevices, read: true, serve: about(userPath, (*projections.Engine).Devices), parameters: aPage, answer: "Devices",
		says: "which devices a user has, the active ones first"},
	{method: "GET", path: "/v1/users/{user}/codes", right: access.ReadCodes, read: true, serve: about(userPath, (*projections.Engine).Codes), parameters: aPage, answer: "Codes",
		says: "which codes were given to a user, in order of issue"},
	{method: "GET", path: "/v1/users/{user}/sharings", right: access.ReadSharings, read: true, serve: about(userPath, (*projections.Engine).Sharings), parameters: aPage, answer: "Sharings",
		says: "which devices a user shares, or asked to"},
	{method: "GET", path: "/v1/users/{user}/timeline", right: access.ReadTimeline, read: true, serve: getTimeline(userPath, domain.UserEntity), parameters: aTimeline, answer: "Timeline",
		says: "the records of a user, oldest first"},
	{method: "GET", path: "/v1/users/{user}/troubleshoot", right: access.ReadTroubleshoot, read: true, serve: (*Server).getTroubleshoot, parameters: momentOnly, answer: "Troubles",
		says: "what may be wrong for a user on the phone, and what helps"},
	{method: "GET", path: "/v1/accounts/{account}/withdrawals", right: access.ReadWithdrawals, read: true, serve: about(accountPath, (*projections.Engine).AccountWithdrawals), parameters: aPage, answer: "Withdrawals",
		says: "how much may still be withdrawn, and what was in the window"},
	{method: "GET", path: "/v1/accounts/{account}/timeline", right: access.ReadTimeline, read: true, serve: getTimeline(accountPath, domain.AccountEntity), parameters: aTimeline, answer: "Timeline",
		says: "the records of an account, oldest first"},
	{method: "GET", path: "/v1/lockouts", right: access.ReadLockouts, read: true, serve: (*Server).getLockouts, parameters: aPage, answer: "Lockouts",
		says: "the users that are locked, by name"},

	{method: "GET", path: "/v1/records", right: access.ReadRecords, read: true, serve: (*Server).getRecords, parameters: aSpan, answer: "Record",
		says: "records as JSON lines, or, with follow=true, as server-sent events that go on"},
	{method: "GET", path: "/v1/records/{seq}", right: access.ReadRecords, read: true, serve: (*Server).getRecord, parameters: aRecord, answer: "Record",
		says: "one record"},
	{method: "GET", path: "/v1/records/{seq}/why", right: access.ReadWhy, read: true, serve: (*Server).getWhy, parameters: momentOnly, answer: "Why",
		says: "why a record says what it says: the records, the policy and the days that it rests on"},
	{method: "GET", path: "/v1/policy", right: access.ReadPolicy, read: true, serve: (*Server).getPolicy, parameters: momentOnly, answer: "Policy",
		says: "the policy in force"},

	{method: "GET", path: "/v1/letters", right: access.ReadLetters, serve: (*Server).getLetters, parameters: []string{limitParameter, afterParameter},
		says: "the commands that the intake could not give to the ledger, and why"},
	{method: "GET", path: "/v1/letters/{position}", right: access.ReadLetters, serve: (*Server).getLetter,
		says: "one of them, with what it holds"},
	{method: "POST", path: "/v1/letters/{position}/retry", right: access.RetryLetters, serve: (*Server).retryLetter, answer: "Verdict",
		says: "give it to the ledger once more, as of when it was left; with a verdict it is gone"},
	{method: "POST", path: "/v1/letters/{position}/drop", right: access.RetryLetters, serve: (*Server).dropLetter,
		says: "throw it away"},

	{method: "GET", path: "/healthz", always: true, serve: (*Server).getHealth, says: "the process lives"},
	{method: "GET", path: "/readyz", always: true, serve: (*Server).getReady, answer: "Readiness", says: "the node decides; if not, why"},
	{method: "GET", path: "/metrics", right: access.ReadMetrics, always: true, serve: (*Server).getMetrics, says: "what Prometheus scrapes"},
	{method: "GET", path: "/openapi.json", always: true, serve: (*Server).getOpenAPI, says: "this interface, as an OpenAPI 3.1 document"},
	{method: "GET", path: "/{$}", always: true, serve: (*Server).getRoot, says: "where the documentation is"},
}

// elsewhere answers for every path that is not there.
var elsewhere = route{method: "*", path: "elsewhere", always: true, serve: (*Server).getElsewhere}

// getElsewhere says what is wrong: the path, or only the method.
func (s *Server) getElsewhere(_ *call, w *answer, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if _, pattern := s.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &problem{status: http.StatusNotFound, kind: notFound, detail: "there is nothing here: see /openapi.json"}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &problem{status: http.StatusMethodNotAllowed, kind: notAllowed, detail: "this path takes " + strings.Join(allowed, " and ")}
}

func (s *Server) getRoot(_ *call, w *answer, r *http.Request) error {
	http.Redirect(w, r, docsPath, http.StatusSeeOther)
	return nil
}

package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/domain/problems"
	"authledger/projections/queries"
)

const (
	typePath     = apidoc.TypeParameter
	commandsPath = apidoc.CommandsPath
	gatePath     = "/v1/gate/login"

	problemRouteID = apidoc.ProblemPageID
)

type serveFunc func(*Server, *call, *answer, *http.Request) error

// route is one path with its method.
type route struct {
	method, path string
	right        access.Right // required right. If it is "" and takesCommands is false, the route requires no credentials
	isPublic     bool         // the route needs no ledger, so it also answers before the ledger is open
	serve        serveFunc

	// takesCommands reports that the route requires the rights to the types of the
	// submitted commands, instead of the field right.
	takesCommands bool

	operation            *operations.Operation // nil for a route that is not in the table
	summary, tag, answer string                // for the OpenAPI document; answer is the name of the schema of the answer
	id                   string                // of the operation in the OpenAPI document; only of routes that are not in a table
}

// isTyped reports whether the path of the route contains the type of a command.
func (to *route) isTyped() bool { return to.takesCommands && to.path != commandsPath }

// documentedRoutes returns the routes as the OpenAPI document describes them.
func documentedRoutes() []apidoc.Route {
	all := make([]apidoc.Route, len(routes))
	for i := range routes {
		to := &routes[i]
		all[i] = apidoc.Route{
			Method: to.method, Path: to.path, Right: to.right, IsPublic: to.isPublic, TakesCommands: to.takesCommands,
			Operation: to.operation, Summary: to.summary, Tag: to.tag, Answer: to.answer, ID: to.id,
		}
	}
	return all
}

// routes lists all routes, in the order of the OpenAPI document.
var routes = slices.Concat(commandRoutes, operationRoutes(), taskRoutes, nodeRoutes)

var commandRoutes = []route{
	{method: "POST", path: commandsPath, takesCommands: true, serve: (*Server).postCommands, answer: "Verdict", tag: "Commands", id: "submitCommands",
		summary: "Submit a command or a batch of commands as CloudEvents"},
	{method: "POST", path: commandsPath + "/{type}", takesCommands: true, serve: (*Server).postTyped, answer: "Verdict", tag: "Commands",
		summary: "Submit a command as plain JSON"},
	{method: "GET", path: gatePath, right: access.Gate, serve: (*Server).gateLogin, tag: "Login gate", id: "gateLogin",
		summary: "Reserve a login attempt for a proxy"},
	{method: "POST", path: gatePath, right: access.Gate, serve: (*Server).gateLogin, tag: "Login gate", id: "gateLoginForwarded",
		summary: "Reserve a login attempt for a proxy that forwards the method"},
}

var nodeRoutes = []route{
	{method: "GET", path: "/healthz", isPublic: true, serve: (*Server).getHealth, answer: "Liveness", tag: "Node", id: "health", summary: "Check whether the process must be restarted"},
	{method: "GET", path: "/readyz", isPublic: true, serve: (*Server).getReady, answer: "Readiness", tag: "Node", id: "readiness", summary: "Check whether the node decides commands"},
	{method: "GET", path: "/metrics", right: access.ReadMetrics, isPublic: true, serve: (*Server).getMetrics, tag: "Node", id: "metrics", summary: "Get metrics in the format of Prometheus"},
	{method: "GET", path: openAPIPath, isPublic: true, serve: (*Server).getOpenAPI, tag: "Node", id: "openapi", summary: "Get this OpenAPI document"},
	{method: "GET", path: problems.Path + "{name}", isPublic: true, serve: (*Server).getProblem, tag: "Node", id: problemRouteID, summary: "Get the page of a problem type"},
}

// handlers holds the handler of each operation in the table, by name.
var handlers = map[string]serveFunc{
	"lockout":            (*Server).getLockout,
	"lockouts":           (*Server).getLockouts,
	"users":              realmList((*queries.Queries).Users),
	"all-devices":        realmList((*queries.Queries).RealmDevices),
	"all-codes":          realmList((*queries.Queries).RealmCodes),
	"all-sharings":       realmList((*queries.Queries).RealmSharings),
	"all-withdrawals":    realmList((*queries.Queries).RealmWithdrawals),
	"holds":              realmList((*queries.Queries).Holds),
	"forgotten":          realmList((*queries.Queries).Erasures),
	"devices":            list(operations.User, (*queries.Queries).Devices),
	"codes":              list(operations.User, (*queries.Queries).Codes),
	"sharings":           list(operations.User, (*queries.Queries).Sharings),
	"withdrawals":        list(operations.Account, (*queries.Queries).Withdrawals),
	"sources":            (*Server).getSources,
	"stats":              (*Server).getStatistics,
	"troubleshoot":       (*Server).getTroubleshoot,
	"timeline":           getTimeline(operations.User, domain.UserEntity),
	"account-timeline":   getTimeline(operations.Account, domain.AccountEntity),
	"records":            (*Server).getRecords,
	"record":             (*Server).getRecord,
	"why":                (*Server).getWhy,
	"policy":             (*Server).getPolicy,
	"tokens":             (*Server).getTokens,
	"webhooks":           (*Server).getWebhooks,
	"webhook-deliveries": (*Server).getDeliveries,
	"webhook-redrive":    (*Server).redriveWebhook,
	"dead-letters":       (*Server).getDeadLetters,
	"dead-letter":        (*Server).getDeadLetter,
	"dead-letter-retry":  (*Server).retryDeadLetter,
	"dead-letter-drop":   (*Server).dropDeadLetter,
}

func operationRoutes() []route {
	var all []route
	for i, o := range operations.All() {
		serve := handlers[o.Name]
		if o.IsList() {
			serve = asList(serve)
		}
		all = append(all, route{method: o.Method, path: o.Path, right: access.Right(o.Right), serve: serve,
			operation: &operations.All()[i], summary: o.Summary, tag: o.Tag, answer: o.Answer})
	}
	return all
}

// unknownPath answers requests for paths that no route has.
var unknownPath = route{method: "*", path: "elsewhere", isPublic: true, serve: (*Server).getUnknownPath}

// getUnknownPath answers 405 if the path has a route with another method, otherwise 404.
func (s *Server) getUnknownPath(_ *call, w *answer, r *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if _, pattern := s.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &problem{status: http.StatusNotFound, kind: notFound, detail: "path not found: see /openapi.json for all paths"}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &problem{status: http.StatusMethodNotAllowed, kind: notAllowed, detail: "method not allowed, accepted methods: " + strings.Join(allowed, ", ")}
}

package apidoc

import (
	"github.com/danielgtaylor/huma/v2"
)

// Examples of headers.
const (
	tagExample  = `W/"vd6vAx9O2fhX0q3m1sGm2A.t0ck1x"`
	varyExample = AcceptHeader + ", " + AuthorizationHeader
)

// documentedHeaders returns the headers of answers that the document describes.
func documentedHeaders() map[string]*huma.Param {
	text := func(description, example string) *huma.Param {
		return &huma.Param{Description: description, Schema: &huma.Schema{Type: stringType}, Example: example}
	}
	count := func(description string, example int64) *huma.Param {
		return &huma.Param{Description: description, Schema: integerSchema(), Example: example}
	}
	return map[string]*huma.Param{
		RequestIDHeader:      text("Id of the request, in the log of the node and in problems. It is the client's id if the request has a valid one.", "0198c5a4-7c1e-7000-8000-000000000000"),
		RetryAfterHeader:     count("Seconds after which the client sends the request again. Absent if a retry has no effect.", 1),
		"WWW-Authenticate":   text("The scheme of the credentials (RFC 9110).", `Bearer realm="authledger"`),
		ReadSessionHeader:    count("Number of the record audit.read. Absent if the ledger does not record the read.", 7),
		LinkHeader:           text("The next page as <path>; rel=\"next\" (RFC 8288), with all parameters of the request. Absent on the last page.", `</v1/users?after=AVyZDVNU&limit=2>; rel="next"`),
		ETagHeader:           text("Weak tag of the answer, for the header If-None-Match. It changes with the position of the log.", tagExample),
		VaryHeader:           text("Request headers that determine the answer.", varyExample),
		AsOfHeader:           count("Number of the last record that the answer reflects.", 7),
		LoginAttemptHeader:   text("Id of the reserved attempt, for login.finish.", "0198c5a4"),
		LoginRemainingHeader: count("Number of further attempts until the lockout.", 9),
		LoginReasonHeader:    text("Reason of the refusal.", "locked"),
		"Ce-Specversion":     text("Version of CloudEvents. Absent in the answer to a batch.", "1.0"),
		"Ce-Id":              text("Source and id of the command. Absent in the answer to a batch.", "gateway/portal/e-1"),
		"Ce-Source":          text("The ledger. Absent in the answer to a batch.", "ledger/main"),
		"Ce-Type":            text("Type of the command and the suffix .verdict. Absent in the answer to a batch.", "login.report.verdict"),
		"Ce-Time":            text("Time of the verdict (RFC 3339). Absent in the answer to a batch.", "2026-03-02T15:09:00Z"),
	}
}

// headerRefs returns references to the described headers with these names.
func headerRefs(names ...string) map[string]*huma.Param {
	all := make(map[string]*huma.Param, len(names))
	for _, name := range names {
		all[name] = &huma.Param{Ref: "#/components/headers/" + name}
	}
	return all
}

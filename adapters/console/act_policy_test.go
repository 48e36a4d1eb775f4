package console

import (
	"net/http"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

func TestPolicyPages(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	first, second := domain.Presets()[0], domain.Presets()[3]
	v.get("/work/policy").want(t, http.StatusOK, first.Version, "built in", "same members")
	v.get("/work/policy?left="+first.Version+"&right="+second.Version).want(t, http.StatusOK, `class="differs"`)
	form := v.confirm("policy-adopt", "document", policyText(second), "by", "olga")
	page := v.post("/work/policy-adopt", form)
	page.want(t, http.StatusOK, "Changes", "<code>version</code>", first.Version, second.Version)
	v.post("/work/policy-adopt/submit", form).want(t, http.StatusOK, "accepted", "/records/1")
	v.get("/work/policy").want(t, http.StatusOK, second.Version, "olga", `href="/records/1"`)
	v.get("/work/policy?left=1&right="+first.Version).want(t, http.StatusOK, `class="differs"`)
	v.get("/work").want(t, http.StatusOK, second.Version, "/work/policy")
	for _, value := range []string{"2", "0", "no-such@1", "%3Cscript%3E"} {
		v.get("/work/policy?left="+value).want(t, http.StatusNotFound)
	}
	v.get("/work/policy-adopt?base=1").want(t, http.StatusOK, "&#34;version&#34;: &#34;"+second.Version)
	c.visitor(access.Operator).get("/work/policy").want(t, http.StatusOK, "/work/policy-adopt")
	support := c.visitor(access.Support).get("/work/policy")
	if support.want(t, http.StatusOK); strings.Contains(support.body, "/work/policy-adopt") {
		t.Errorf("support: got a link to the adoption, want none: %s", support.body)
	}
}

func TestPolicyMembers(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	for name, members := range map[string][]string{
		"no JSON":        {"document", "{", "by", "olga"},
		"unknown member": {"document", `{"verson":"x@1"}`, "by", "olga"},
		"no document":    {"by", "olga"},
		"markup":         {"document", bidi, "by", "olga"},
	} {
		got := v.post("/work/policy-adopt", v.values(members...))
		got.want(t, http.StatusUnprocessableEntity, `id="document-error"`)
		if strings.Contains(got.body, "<script>alert") {
			t.Errorf("%s: got markup of the person: %s", name, got.body)
		}
	}
	preset := policyText(domain.Presets()[3])
	other := strings.Replace(preset, `"failures": `, `"failures": 1`, 1)
	got := v.post("/work/policy-adopt", v.values("document", other, "by", "olga"))
	got.want(t, http.StatusUnprocessableEntity, `id="document-error"`, "belongs to a preset")
	own := strings.Replace(preset, domain.Presets()[3].Version, "own@1", 1)
	form := v.confirm("policy-adopt", "document", own, "by", "olga")
	v.post("/work/policy-adopt/submit", form).want(t, http.StatusOK, "accepted")
	other = strings.Replace(own, `"failures": `, `"failures": 1`, 1)
	form = v.confirm("policy-adopt", "document", other, "by", "olga")
	v.post("/work/policy-adopt/submit", form).want(t, http.StatusUnprocessableEntity, "own@1")
}

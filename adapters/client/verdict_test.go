package client

import "testing"

// The id and the type of a verdict must be those of the command. An invalid verdict may omit
// them, and may have another id if the id of the command is not valid UTF-8.
func TestVerdictMatchesCommand(t *testing.T) {
	for _, c := range []struct {
		asked, verdict string
		ok             bool
	}{
		{"x", `{"id":"x","type":"t","status":"accepted"}`, true},
		{"x", `{"id":"y","type":"t","status":"accepted"}`, false},
		{"x", `{"id":"x","type":"u","status":"refused"}`, false},
		{"x", `{"id":"","type":"t","status":"accepted"}`, false},
		{"x", `{"id":"y","type":"t","status":"invalid"}`, false},
		{"x", `{"id":"x","type":"u","status":"invalid"}`, false},
		{"x", `{"id":"x","status":"invalid"}`, true},
		{"x", `{"status":"invalid"}`, true},
		{"x\xff", "{\"id\":\"x\ufffd\",\"status\":\"invalid\"}", true},
		{"x\xff", "{\"id\":\"x\ufffd\",\"type\":\"t\",\"status\":\"accepted\"}", false},
		{"", `{"type":"t","status":"invalid"}`, true},
		{"x", `{"id":"x","type":"t"}`, false},
	} {
		v, err := verdictOf([]byte(c.verdict), c.asked, "t")
		if (err == nil) != c.ok || (!c.ok && v.Accepted()) {
			t.Errorf("command %q, verdict %s: got error %v, want accepted %t", c.asked, c.verdict, err, c.ok)
		}
	}
}

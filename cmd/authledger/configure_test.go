package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// TestConfig_NodeUnreachable checks the error of a command about tokens and webhooks that no node
// answers: it has the id of the command once, the cause once, and the next step.
func TestConfig_NodeUnreachable(t *testing.T) {
	const at = "http://127.0.0.1:1"
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	cause := regexp.MustCompile(`connection refused|context deadline exceeded`) // the latter on a loaded machine
	for _, c := range []struct{ line, start, next string }{
		{"token add portal --role gateway", "add the token portal: config.token_add ", "`authledger token ls`"},
		{"token revoke portal", "revoke the token portal: config.token_revoke ", "`authledger token ls`"},
		{"webhook rm desk", "remove the webhook desk: config.webhook_remove ", "`authledger webhook ls`"},
		{"do login.report user=alice outcome=succeeded", "login.report ", "retry with the same id"},
	} {
		var out, errs bytes.Buffer
		getenv := func(variable string) string { return map[string]string{"HOME": t.TempDir()}[variable] }
		arguments := strings.Fields(c.line + " --server " + at + " --timeout 10ms")
		code := run(t.Context(), arguments, strings.NewReader(""), &out, &errs, getenv)
		got := errs.String()
		if code != exitFailed || !strings.HasPrefix(got, "authledger: "+c.start) || !strings.Contains(got, c.next) {
			t.Errorf("%s: got exit code %d, %s, want %d, %q first, and %s", c.line, code, got, exitFailed, c.start,
				c.next)
		}
		causes := len(cause.FindAllString(got, -1))
		if ids := id.FindAllString(got, -1); len(ids) != 1 || causes != 1 {
			t.Errorf("%s: got %d ids in %s, want 1, and the cause once", c.line, len(ids), got)
		}
	}
}

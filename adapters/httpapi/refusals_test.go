package httpapi

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"authledger/domain/access"
)

func TestServerLogsRepeatedRefusalsOnce(t *testing.T) {
	s := newTestServer(t)
	const requests = 300
	for i := range requests {
		switch i % 3 {
		case 0:
			s.request("", "GET", "/v1/lockouts", "")
		case 1:
			s.request("", "GET", fmt.Sprint("/nothing/", i), "")
		default:
			s.request(access.Gateway, "GET", "/v1/records", "") // a caller without the right
		}
	}
	s.server.refusals.flush()
	await(t, "every refusal is logged or counted",
		func() bool { return refusedInLog(s.log.String()) == requests })
	if lines := strings.Count(s.log.String(), "\n"); lines > requests/5 {
		t.Errorf("log lines of %d refused requests: got %d, want at most %d", requests, lines, requests/5)
	}
	for _, part := range []string{`"from":"127.0.0.1/32"`, `"caller":"gateway"`, `"msg":"repeated refusals"`} {
		if !strings.Contains(s.log.String(), part) {
			t.Errorf("log: got no %s, want it", part)
		}
	}
}

// refusedInLog is the number of refused requests that a log states.
func refusedInLog(log string) (n int) {
	for line := range strings.Lines(log) {
		var times int
		if _, after, ok := strings.Cut(line, `"times":`); ok {
			if _, err := fmt.Sscanf(after, "%d", &times); err == nil {
				n += times
			}
		} else if strings.Contains(line, `"msg":"request"`) {
			n++
		}
	}
	return n
}

func TestRefusalsBoundMemoryAndLines(t *testing.T) {
	log := new(safeBuffer)
	f := &refusals{log: slog.New(slog.NewJSONHandler(log, nil))}
	const clients, each = 5_000, 4
	for range each {
		for i := range clients {
			f.add(refusal{from: fmt.Sprint(i), route: "GET /", status: 401})
		}
	}
	f.mu.Lock()
	held := len(f.counts)
	f.mu.Unlock()
	if held > refusalsKeyMax {
		t.Errorf("kinds of refusals in memory: got %d, want at most %d", held, refusalsKeyMax)
	}
	f.flush()
	if lines := strings.Count(log.String(), "\n"); lines > 20*(2*refusalsKeyMax+1) {
		t.Errorf("log lines: got %d, want at most %d a second", lines, 2*refusalsKeyMax+1)
	}
	if got := refusedInLog(log.String()); got != clients*each {
		t.Errorf("refusals in the log: got %d, want %d", got, clients*each)
	}
}

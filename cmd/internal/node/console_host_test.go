package node

import (
	"log/slog"
	"net/http"
	"testing"
	"time"
)

// TestConsoleWithoutCredentialsChecksHost checks that the console of a listener without credentials
// rejects the Host header of a web page that uses DNS rebinding, on each of its pages. Such a page could
// read every record, and submit every command with the forms of the console.
func TestConsoleWithoutCredentialsChecksHost(t *testing.T) {
	e, err := StartServer(ServerOptions{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	for _, path := range []string{"/", "/users/alice", "/records", "/work", "/live", "/assets/console.css"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for host, isOwn := range map[string]bool{
				"localhost": true, "127.0.0.1:8080": true,
				"attacker.example": false, "attacker.example:80": false, "192.0.2.7": false,
			} {
				request, err := http.NewRequestWithContext(t.Context(), method, e.URL()+path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				if method == http.MethodGet && !e.Console.Serves(request) {
					t.Fatalf("%s %s: got no page of the console, want one", method, path)
				}
				request.Host = host
				answer, err := http.DefaultTransport.RoundTrip(request)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close() // only the status is read
				if (answer.StatusCode != http.StatusMisdirectedRequest) != isOwn {
					t.Errorf("%s %s of host %s: got %d, want 421: %t", method, path, host, answer.StatusCode, !isOwn)
				}
			}
		}
	}
}

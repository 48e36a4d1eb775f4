package main

import (
	"net"
	"strings"
	"testing"
)

// TestNATSAddresses_Invalid checks the exit code and the advice for invalid addresses and
// addresses in use.
func TestNATSAddresses_Invalid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		code    int
		message string
		args    []string
	}{
		{2, `--nats-listen "foo": invalid value`,
			[]string{"serve", "--listen", "127.0.0.1:0", "--nats-listen", "foo"}},
		{2, `--nats-listen "127.0.0.1:99999": invalid value`,
			[]string{"serve", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:99999"}},
		{2, `--listen "127.0.0.1": invalid value`, []string{"serve", "--listen", "127.0.0.1"}},
		{2, "give both or neither", []string{"serve", "--listen", "127.0.0.1:0", "--nats-key", "node.nk"}},
		{1, "give another address",
			[]string{"serve", "--listen", "127.0.0.1:0", "--nats-listen", taken.Addr().String()}},
		{1, "give another address", []string{"serve", "--listen", taken.Addr().String()}},
		{2, "want the node's https://host:port", []string{"dlq", "ls", "--server", "nats://127.0.0.1:4222"}},
	} {
		args := c.args
		if args[0] == "serve" {
			args = append(args, "--data", t.TempDir())
		}
		code, _, errs := typed(t, nil, args...)
		if code != c.code || !strings.Contains(errs, c.message) {
			t.Errorf("%s: exit %d, %s, want %d and %q", c.args, code, errs, c.code, c.message)
		}
	}
}

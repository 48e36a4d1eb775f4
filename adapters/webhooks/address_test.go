package webhooks

import (
	"errors"
	"testing"
)

// TestAllowAddress checks that the deliverer connects to no private or reserved address, such as
// one to which the name of an endpoint resolves.
func TestAllowAddress(t *testing.T) {
	for _, address := range []string{"10.0.0.1:443", "[::ffff:10.0.0.1]:443", "[fe80::1%eth0]:443",
		"127.0.0.1:443"} {
		if err := allowAddress("tcp", address, nil); !errors.Is(err, errPrivate) {
			t.Errorf("connect to %s: got %v, want %v", address, err, errPrivate)
		}
	}
	if err := allowAddress("tcp", "8.8.8.8:443", nil); err != nil {
		t.Errorf("connect to 8.8.8.8:443: got %v, want no error", err)
	}
}

package webhooks

import (
	"errors"
	"testing"
)

// TestCheckAddress checks that an endpoint in a private or reserved network, or with a private name, is
// refused unless the operator allows it, in each notation of the host. The deliverer rejects the same
// addresses when it connects.
func TestCheckAddress(t *testing.T) {
	private := []string{
		"10.0.0.1", "100.64.0.1", "127.0.0.1:8443", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "198.18.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1%25eth0]",
		"[fc00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[2001:db8::1]", "localhost",
		"LOCALHOST.", "desk.localhost", "printer.local", "desk.internal", "nas.home.arpa:8443",
	}
	public := []string{"8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "desk.example", "localhost.example",
		"mylocal"}
	for _, host := range private {
		if err := CheckAddress("https://"+host+"/hooks", false); !errors.Is(err, errPrivate) {
			t.Errorf("%s: got %v, want %v", host, err, errPrivate)
		}
		if err := CheckAddress("http://"+host+"/hooks", true); err != nil {
			t.Errorf("%s, allowed by the operator: got %v, want no error", host, err)
		}
	}
	for _, host := range public {
		if err := CheckAddress("https://"+host+"/hooks", false); err != nil {
			t.Errorf("%s: got %v, want no error", host, err)
		}
		if err := CheckAddress("http://"+host+"/hooks", false); err == nil || errors.Is(err, errPrivate) {
			t.Errorf("http to %s: got %v, want an error about plain HTTP", host, err)
		}
	}
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

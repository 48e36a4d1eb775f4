package main

import "testing"

// TestServerOptions_Plaintext checks that serve listens without TLS only on a loopback address, unless
// the operator allows plaintext. Otherwise tokens would cross a network in plaintext.
func TestServerOptions_Plaintext(t *testing.T) {
	for _, c := range []struct {
		listen, cert, key string
		allow, ok         bool
	}{
		{"127.0.0.1:8080", "", "", false, true}, {"[::1]:8080", "", "", false, true},
		{"localhost:8080", "", "", false, true},
		{"0.0.0.0:8080", "", "", false, false}, {":8080", "", "", false, false},
		{"192.0.2.1:8080", "", "", false, false},
		{"0.0.0.0:8080", "", "", true, true}, {"0.0.0.0:8080", "c", "k", false, true},
		{"127.0.0.1:8080", "c", "", false, false},
	} {
		p := newProgram(nil, nil, nil, func(string) string { return "" })
		p.set.Listen, p.set.TLSCert, p.set.TLSKey, p.set.AllowPlaintext = c.listen, c.cert, c.key, c.allow
		if _, err := p.serverOptions(); (err == nil) != c.ok {
			t.Errorf("%+v: got error %v, want permitted %t", c, err, c.ok)
		}
	}
}

package domain

import "testing"

// TestWebhookAddress_Private checks that a new endpoint in a private or reserved network, or with a
// private name, is rejected unless its command has allowPrivate, in each notation of the host. Each
// client of the ledger passes this check, so its answer does not depend on the client.
func TestWebhookAddress_Private(t *testing.T) {
	private := []string{
		"10.0.0.1", "100.64.0.1", "127.0.0.1:8443", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "198.18.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1%25eth0]",
		"[fc00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[2001:db8::1]", "localhost",
		"LOCALHOST.", "desk.localhost", "printer.local", "desk.internal", "nas.home.arpa:8443",
	}
	public := []string{"8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "desk.example", "localhost.example",
		"mylocal"}
	const (
		wantHost  = "want a host outside private and reserved networks; such a host needs allowPrivate"
		wantHTTPS = "want https; plain http needs allowPrivate"
	)
	check := func(url, want string) {
		t.Helper()
		got := (&ConfigWebhookAdd{URL: url}).Check()
		if want == "" && got != nil || want != "" && (got == nil || *got != Rejection{BadField, "url", want}) {
			t.Errorf("%s: got %v, want %q", url, got, want)
		}
		if got := (&ConfigWebhookAdd{URL: url, AllowPrivate: true}).Check(); got != nil {
			t.Errorf("%s with allowPrivate: got %v, want no rejection", url, got)
		}
	}
	for _, host := range private {
		check("https://"+host+"/hooks", wantHost)
		check("http://"+host+"/hooks", wantHost)
	}
	for _, host := range public {
		check("https://"+host+"/hooks", "")
		check("http://"+host+"/hooks", wantHTTPS)
	}
}

package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Hosts checks the Host header of requests to a listener that requires no credentials. It
// protects against DNS rebinding: an attacker changes the DNS name of a web page to an
// address of this machine or its network. The browser of a visitor then sends requests of
// the page to the listener, and the same-origin policy permits the page to read the
// answers. The Host header of such a request contains the DNS name of the page. The zero
// Hosts accepts only localhost and loopback addresses.
type Hosts struct {
	// Networked also accepts addresses and names without a dot, such as those of
	// containers. No public DNS name has these forms. It is for listeners that other
	// machines connect to.
	Networked bool
}

var misdirectedRequest = &problem{status: http.StatusMisdirectedRequest, kind: misdirected,
	detail: "the Host header does not name this machine, as in a request of a web page of another site: send the request to 127.0.0.1, [::1] or localhost"}

// Guard returns a handler that passes requests with an accepted Host header to next, and
// answers the others with 421.
func (h Hosts) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.accept(r.Host) {
			misdirectedRequest.write(&answer{ResponseWriter: w, call: new(call)}, requestID(r))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// accept reports whether a Host header, with or without a port, is accepted.
func (h Hosts) accept(header string) bool {
	host, isAddress := splitHost(header)
	if isAddress {
		address, err := netip.ParseAddr(host)
		return err == nil && address.Zone() == "" && (h.Networked || address.Unmap().IsLoopback())
	}
	return strings.EqualFold(host, "localhost") || h.Networked && host != "" && !strings.Contains(host, ".")
}

// splitHost returns the host of a Host header, and whether it has the form of an address.
func splitHost(header string) (host string, isAddress bool) {
	host = header
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	_, err := netip.ParseAddr(host)
	return host, err == nil
}

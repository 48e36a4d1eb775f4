package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Hosts checks the Host header of requests to a listener that requires no credentials.
// A web page whose DNS name was changed to an address of this machine or its network
// (DNS rebinding) makes the visitor's browser send requests to the listener, and the
// same-origin policy lets the page read the answers. The Host header of such a request
// holds the name of the page. The zero Hosts accept the names of the loopback interface.
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
			misdirectedRequest.write(w, requestID(r))
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

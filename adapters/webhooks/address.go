package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"authledger/domain"
)

// allowAddress is a net.Dialer.Control function. It rejects a connection to a reserved
// address.
func allowAddress(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("parse address %q: %w", address, err)
	}
	if domain.IsReserved(at.Addr()) {
		return errPrivate
	}
	return nil
}

var errPrivate = errors.New("permission denied: the endpoint's address is in a private or reserved network: allow it with webhook add --allow-private")

package node

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// peerUID returns the user of the process that opened the connection.
func peerUID(c net.Conn) (uid int, known bool) {
	raw, ok := c.(syscall.Conn)
	if !ok {
		return 0, false
	}
	descriptor, err := raw.SyscallConn()
	if err != nil {
		return 0, false
	}
	var peer *unix.Ucred
	var refused error
	err = descriptor.Control(func(fd uintptr) {
		peer, refused = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || refused != nil {
		return 0, false
	}
	return int(peer.Uid), true
}

package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"authledger/domain"
)

// RunDir is the directory of the node's socket in a data directory. Its mode is 0700, so that
// only the owner of the data directory can connect, whatever the mode of the socket is while the
// node creates it.
const RunDir = "run"

// socketName is the name of the socket in [RunDir]. The node answers there over HTTP, and every
// client has the role local. A node that was killed leaves the socket.
const socketName = "node.sock"

// socketPathMax is the maximum length of the path of a socket, in bytes: 104 bytes on macOS and
// 108 on Linux, with the final zero.
const socketPathMax = 103

// SocketPath returns the path of the socket of the node that runs on a data directory.
func SocketPath(dir string) string { return filepath.Join(dir, RunDir, socketName) }

// listenLocal opens the socket in the data directory. The caller MUST hold the lock of the
// directory: listenLocal replaces the socket of an earlier node, which can't run any more.
func listenLocal(dir string) (*net.UnixListener, error) {
	if err := makeRunDir(filepath.Join(dir, RunDir)); err != nil {
		return nil, err
	}
	path := SocketPath(dir)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var l *net.UnixListener
	err := withSocketPath(dir, func(short string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // short may not name the socket any more
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close(), os.Remove(path))
	}
	return l, nil
}

// makeRunDir creates the directory of the socket, or removes the permissions of others.
func makeRunDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory: remove it", path)
	}
	return os.Chmod(path, 0o700)
}

// DialLocal connects to the node that runs on a data directory.
func DialLocal(dir string) (conn net.Conn, err error) {
	err = withSocketPath(dir, func(short string) (err error) {
		conn, err = net.Dial("unix", short)
		return err
	})
	return conn, err
}

// withSocketPath calls use with a path of the socket that is short enough for the system.
func withSocketPath(dir string, use func(short string) error) error {
	path := SocketPath(dir)
	if len(path) <= socketPathMax {
		return use(path)
	}
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer directory.Close() // the socket needs its path only for bind and connect
	short := fmt.Sprintf("/proc/self/fd/%d/%s", directory.Fd(), socketName)
	if _, err := os.Stat(filepath.Dir(short)); err != nil {
		return fmt.Errorf("the path of the socket %s has %d bytes, want at most %d: give a shorter --data", path, len(path), socketPathMax)
	}
	return use(short)
}

// peerName returns the user at the other end of a connection to the socket. Where the system
// does not name that user, peerName returns the user of this process, because only that user
// and the administrator of the machine can open the socket.
func peerName(c net.Conn) string {
	uid, known := peerUID(c)
	if !known {
		uid = os.Getuid()
	}
	return UserName(uid)
}

// UserName returns the name of a user of this machine for records: the number of the user if the
// machine has no name for the user, as in a container, or if the name is not a valid id.
func UserName(uid int) string {
	if uid < 0 {
		return "owner" // Windows has no numbers of users
	}
	number := strconv.Itoa(uid)
	u, err := user.LookupId(number)
	if err != nil || domain.WrongID(u.Username) != "" {
		return number
	}
	return u.Username
}

//go:build !windows

package blocks

import (
	"os"
	"syscall"
)

// openFlags make open fail at a link and return at once at a FIFO.
const openFlags = os.O_RDONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK

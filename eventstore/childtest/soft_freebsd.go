package childtest

import "golang.org/x/sys/unix"

func setSoft(l *unix.Rlimit, soft uint64) { l.Cur = int64(soft) }

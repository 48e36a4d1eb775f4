//go:build !unix

package bench

import "time"

// cpuTime reports false, because the run measures CPU time on Unix only.
func cpuTime() (used time.Duration, ok bool) { return 0, false }

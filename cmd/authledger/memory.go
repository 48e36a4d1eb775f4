package main

import "runtime/debug"

// How much memory the collector may let lie before it works, unless GOGC or
// GOMEMLIMIT say otherwise. What lives is small and what a commit needs is
// garbage a moment later: with Go's default of 100 the collector took a quarter
// of an import, with 400 still a sixth. The limit makes it work harder as the
// process nears a gigabyte.
const (
	garbagePercent = 1000
	memorySoftMax  = 768 << 20 // bytes
)

func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memorySoftMax)
	}
}

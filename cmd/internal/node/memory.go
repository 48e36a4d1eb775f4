package node

import "runtime/debug"

// Settings of the garbage collector, unless GOGC or GOMEMLIMIT is set. The live heap is small
// and the memory of a commit becomes garbage soon, so a high percentage saves time: the
// collector took 25 % of the time of an import at Go's default of 100, and 17 % at 400. The
// collector runs more often when the memory of the Go runtime approaches memorySoftMax.
const (
	garbagePercent = 1000
	savingPercent  = 100
	memorySoftMax  = 768 << 20 // bytes
)

// TuneMemory sets the garbage collector for a node.
func TuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memorySoftMax)
	}
}

// SaveMemory makes the garbage collector run as often as Go's default, unless GOGC is set. A
// verification uses it, because it often runs on a smaller machine than the node.
func SaveMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(savingPercent)
	}
}

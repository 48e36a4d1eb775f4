//go:build !faults

package node

// FilesMin is the number of open files that a command needs to open a ledger: 512 for the
// projections, and the rest for the log, the keys and the connections.
const FilesMin = 1024

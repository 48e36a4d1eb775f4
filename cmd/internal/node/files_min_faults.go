//go:build faults

package node

// FilesMin is 0 in the program of the fault tests, which run it with fewer open files.
const FilesMin = 0

// Package faults tests the node, the command line and the log against faults: SIGKILL,
// damaged files, full disks, power cuts, errors of the operating system, several writers.
//
// The tests have the build tag faults. They build the program once, and run it or a node
// in child processes. Most of them need Linux; some need root or strace. Run them with
//
//	go test -tags faults -count=1 -timeout 900s -run '^TestFault' -v ./cmd/internal/faults
//
// Each test prints lines that begin with FAULT: the work that it did, and its seed if it failed.
//
// # Decisions
//
//   - A check that reports no fault may be broken. So other tests, such as
//     TestFaultKillNotices, plant a fault and require that the check reports it.
//   - A child process receives its configuration in an environment variable and reports
//     over a pipe, so that a SIGKILL at any instant loses no report.
//   - One seed determines all choices of a test. The instants at which the operating system
//     interrupts a process differ between runs.
package faults

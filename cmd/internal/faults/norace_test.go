//go:build faults && !race

package faults

const raceDetector = false

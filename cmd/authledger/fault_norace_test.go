//go:build faults && !race

package main

const raceDetector = false

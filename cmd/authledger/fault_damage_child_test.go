//go:build faults

package main
type damageChild struct{}
func (*damageChild) play(*childOut) int { return 0 }

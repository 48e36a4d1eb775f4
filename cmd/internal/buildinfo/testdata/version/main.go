// Command version prints the version that the linker stamped.
package main

import (
	"fmt"

	"authledger/cmd/internal/buildinfo"
)

func main() { fmt.Println(buildinfo.Read().Version) }

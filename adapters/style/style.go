// Package style holds the colours of the pages of a node, so that the console and the pages of the API have the
// same ones, light and dark. It knows no page.
//
// # Decisions
//
//   - The colours are custom properties at the start of each style sheet. Given up: one style sheet for all
//     pages, because the pages of the API contain those of a library.
package style

import (
	_ "embed"
	"slices"
)

//go:embed colours.css
var colours []byte

// Sheet returns a style sheet with the colours before its rules.
func Sheet(rules []byte) []byte { return slices.Concat(colours, rules) }

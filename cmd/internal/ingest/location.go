package ingest

import "fmt"

// location is the position of an item in a file.
type location struct {
	input     *Input // nil for an item without a file
	number    int    // in its file, from 1
	isElement bool   // the number counts elements of an array, not lines
}

// text returns the location for a message. It uses the ordinal for an item without a file.
func (p location) text(ordinal int) string {
	word, number := "line", ordinal
	if p.isElement {
		word = "element"
	}
	if p.input != nil {
		number = p.number
	}
	if p.input != nil && p.input.several {
		return fmt.Sprintf("%s %s %d", shownName(p.input.name), word, number)
	}
	return fmt.Sprintf("%s %d", word, number)
}

// count adds an item to the counts of its file.
func (p location) count(it *Item) {
	if p.input == nil {
		return
	}
	p.input.entries++
	if !it.unrecognized && (it.needsVerdict() || it.passedOver || it.unmapped != "") {
		p.input.recognized++
	}
}

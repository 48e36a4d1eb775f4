package domain

import (
	"maps"
	"slices"
)

// CommandTypes are the types of all commands in order of name, the timer's too.
func CommandTypes() []string { return slices.Sorted(maps.Keys(commands)) }

// EventTypes are the types of all events in order of name.
func EventTypes() []string { return slices.Sorted(maps.Keys(events)) }

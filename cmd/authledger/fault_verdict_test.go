//go:build faults

package main

import (
	"encoding/json"
	"fmt"
)

// verdictName reads whose verdict a line is.
func verdictName(line []byte) (commandName, error) {
	var v struct{ Source, ID string }
	if err := json.Unmarshal(line, &v); err != nil || v.ID == "" {
		return commandName{}, fmt.Errorf("a verdict that names no command: %v: %s", err, line)
	}
	return commandName{v.Source, v.ID}, nil
}

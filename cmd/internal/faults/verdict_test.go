//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
)

// verdictName returns the name of the command of a verdict.
func verdictName(line []byte) (commandName, error) {
	var v struct{ Source, ID string }
	if err := json.Unmarshal(line, &v); err != nil || v.ID == "" {
		return commandName{}, fmt.Errorf("verdict without a command: %v: %s", err, line)
	}
	return commandName{v.Source, v.ID}, nil
}

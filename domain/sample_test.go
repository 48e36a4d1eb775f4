package domain

//go:generate go test . -run "Golden|Causes" -update

import (
	"flag"
	"os"
	"slices"
	"time"
)

// update writes the golden files of new types. It changes no existing golden file of a
// command or event, because logs contain these bytes.
var update = flag.Bool("update", false, "write the golden files that do not exist, and testdata/causes.txt")

// sampler is a Visitor that sets every member to a valid value. The value of a text is the
// name of its member, if that is valid.
type sampler struct{}

func (sampler) Text(name string, at *string, f Form) {
	candidates := []string{name, "alice", "1", "gold", "ibkr-sls@1", "2026-03-02", "USD", "192.0.2.7",
		exampleFingerprint, exampleSecret, "https://desk.example/hooks",
		firstNKey}
	for _, text := range slices.Concat(f.OneOf, candidates) {
		if f.Wrong == nil || f.Wrong(text) == "" {
			*at = text
			return
		}
	}
}
func (sampler) Count(_ string, at *int64, _ Form)       { *at = 7 }
func (sampler) Flag(_ string, at *bool, _ Form)         { *at = true }
func (sampler) Instant(_ string, at *time.Time, _ Form) { *at = epoch }
func (sampler) Instants(_ string, at *[]time.Time)      { *at = []time.Time{epoch} }
func (sampler) Texts(name string, at *[]string) {
	*at = []string{name}
	if name == "types" { // of events
		*at = []string{"lockout.started"}
	}
}
func (s sampler) Object(_ string, at Data, _ Form) { at.Members(s) }
func (s sampler) List(_ string, of Items)          { of.Clear(); of.Grow().Members(s) }

// writeMissing writes a golden file of d unless the file exists.
func writeMissing(path string, d Data) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	d.Members(sampler{})
	return os.WriteFile(path, []byte(writeJSON(d)+"\n"), 0o644)
}

package explain_test

import (
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

// rareCommand sends a command of the client type that the history has least often, so that the
// histories also contain types without a step of their own.
func (w *scenario) rareCommand() {
	count := map[string]int{}
	for i := range w.records {
		count[w.records[i].Command.Data.CommandType()]++
	}
	rare := slices.MinFunc(domain.ClientCommands(), func(a, b string) int { return count[a] - count[b] })
	// Other steps send these.
	if rare == "policy.adopt" || domain.IsConfig(rare) || strings.HasPrefix(rare, "person.") {
		return
	}
	data := domain.NewCommandData(rare)
	data.Members(byMember{w})
	if checked, ok := data.(interface{ Check() *domain.Rejection }); !ok || checked.Check() == nil {
		w.give(data)
	}
}

// byMember is a Visitor that sets each member by its name.
type byMember struct{ *scenario }

func (v byMember) Text(name string, at *string, f domain.Form) {
	switch name {
	case "user", "owner", "requester":
		*at = v.user()
	case "device":
		*at, _, _ = v.device()
	case "code":
		*at = v.code()
	case "agent", "by", "officer":
		*at = v.agent()
	default:
		valid := slices.DeleteFunc(append(slices.Clone(f.OneOf), name),
			func(s string) bool { return f.Wrong != nil && f.Wrong(s) != "" })
		if f.Need && len(valid) > 0 {
			*at = one(v.scenario, valid...)
		}
	}
}
func (v byMember) Flag(_ string, at *bool, _ domain.Form)  { *at = v.maybe() }
func (v byMember) Count(string, *int64, domain.Form)       {}
func (v byMember) Instant(string, *time.Time, domain.Form) {}
func (v byMember) Instants(string, *[]time.Time)           {}
func (v byMember) Texts(string, *[]string)                 {}
func (v byMember) Object(string, domain.Data, domain.Form) {}
func (v byMember) List(string, domain.Items)               {}

package main

import (
	"runtime/debug"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
)

type versionAnswer struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified"` // the sources differ from the revision
	Go       string `json:"go"`
	Rules    int    `json:"rules"`
}

func newVersionCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "what this program was built from",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			return p.answer(v, func() table.Writer {
				t := newTable()
				t.AppendRow(table.Row{"version", v.Version})
				t.AppendRow(table.Row{"revision", v.Revision})
				t.AppendRow(table.Row{"modified", v.Modified})
				t.AppendRow(table.Row{"go", v.Go})
				t.AppendRow(table.Row{"rules", v.Rules})
				return t
			})
		},
	}
}

// buildVersion is the version in one word, with the revision if it is known.
func buildVersion() string {
	v := readVersion()
	if v.Revision == "" {
		return v.Version
	}
	return v.Version + "+" + v.Revision
}

func readVersion() versionAnswer {
	v := versionAnswer{Version: "(unknown)", Rules: domain.Rules}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version, v.Go = info.Main.Version, info.GoVersion
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

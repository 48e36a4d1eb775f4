package main

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/cmd/internal/buildinfo"
	"authledger/cmd/internal/render"
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
		Use: "version", Short: "Print the version of the program and of the rules",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			return p.answer(v, func() table.Writer {
				t := render.NewTable()
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

func readVersion() versionAnswer {
	v := buildinfo.Read()
	return versionAnswer{Version: v.Version, Revision: v.Revision, Time: v.Time, Modified: v.Modified, Go: v.Go, Rules: domain.Rules}
}

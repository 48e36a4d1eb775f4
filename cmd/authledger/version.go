package main

import (
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
			return p.answer(v, func() *render.Table {
				t := render.NewTable()
				t.AppendRow(render.Row{"version", v.Version})
				t.AppendRow(render.Row{"revision", v.Revision})
				t.AppendRow(render.Row{"modified", v.Modified})
				t.AppendRow(render.Row{"go", v.Go})
				t.AppendRow(render.Row{"rules", v.Rules})
				return t
			})
		},
	}
}

func readVersion() versionAnswer {
	v := buildinfo.Read()
	return versionAnswer{Version: v.Version, Revision: v.Revision, Time: v.Time, Modified: v.Modified, Go: v.Go, Rules: domain.Rules}
}

package main

import (
	"cmp"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// masked stands for a secret that is there.
const masked = "(hidden)"

func newConfigCommand(p *program) *cobra.Command {
	show := &cobra.Command{
		Use: "show", Short: "every setting, its value, and where that comes from",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.showConfig(c.Flags()) },
	}
	validate := &cobra.Command{
		Use: "validate", Short: "whether the configuration can be read; say nothing if so",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return nil }, // every command reads it first
	}
	return newGroupCommand("config", "how this program is set", show, validate)
}

type settingAnswer struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	From     string `json:"from"`
	Variable string `json:"variable"`
}

func (p *program) showConfig(flags flagSet) error {
	var all []settingAnswer
	for _, name := range settingNames() {
		all = append(all, settingAnswer{
			Name: name, Value: flags.Lookup(name).Value.String(),
			From: cmp.Or(p.set.origins[name], "default"), Variable: variable(name),
		})
	}
	if p.set.masterText != "" {
		all = append(all, settingAnswer{Name: "(master key)", Value: masked, From: masterTextName, Variable: masterTextName})
	}
	return p.answer(all, func() table.Writer {
		t := newTable("setting", "value", "from", "variable")
		for _, s := range all {
			t.AppendRow(table.Row{s.Name, s.Value, s.From, s.Variable})
		}
		return t
	})
}

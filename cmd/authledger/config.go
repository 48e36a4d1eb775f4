package main

import (
	"cmp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
)

// masked is printed instead of a secret.
const masked = "(hidden)"

func newConfigCommand(p *program) *cobra.Command {
	show := &cobra.Command{
		Use: "show", Short: "List all settings with values and origins",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.showConfig(c.Flags()) },
	}
	validate := &cobra.Command{
		Use: "validate", Short: "Check the configuration; print nothing if it is valid",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return nil }, // configure has read the configuration
	}
	return newGroupCommand("config", "Show and check the configuration", show, validate)
}

type settingAnswer struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	From     string `json:"from"`
	Variable string `json:"variable"`
}

func (p *program) showConfig(flags *pflag.FlagSet) error {
	var all []settingAnswer
	for _, name := range settings.Names() {
		all = append(all, settingAnswer{
			Name: name, Value: flags.Lookup(name).Value.String(),
			From: cmp.Or(p.set.From(name), "default"), Variable: settings.Variable(name),
		})
	}
	for _, secret := range []struct{ name, text, variable string }{
		{"(master key)", p.set.MasterText, settings.MasterKeyVariable},
		{"(next master key)", p.set.NextMasterText, settings.NextMasterKeyVariable},
	} {
		if secret.text != "" {
			all = append(all, settingAnswer{Name: secret.name, Value: masked, From: secret.variable, Variable: secret.variable})
		}
	}
	return p.answer(map[string]any{"settings": all}, func() *render.Table {
		t := render.NewTable("setting", "value", "from", "variable").Dropping("variable", "from")
		for _, s := range all {
			t.AppendRow(render.Row{s.Name, s.Value, s.From, s.Variable})
		}
		return t
	})
}

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"authledger/adapters/webhooks"
	"authledger/cmd/internal/render"
)

func newWebhookCommand(p *program) *cobra.Command {
	return newGroupCommand("webhook", "Manage webhook endpoints and deliveries",
		newWebhookAddCommand(p), newWebhookListCommand(p), newWebhookRemoveCommand(p), newWebhookRotateCommand(p), newDeliveriesCommand(p), newRedriveCommand(p))
}

func (p *program) endpoints() *webhooks.Endpoints { return webhooks.OpenEndpoints(p.set.data, p.now) }

func newWebhookAddCommand(p *program) *cobra.Command {
	var e webhooks.Endpoint
	c := &cobra.Command{
		Use: "add NAME URL", Short: "Add an endpoint that receives new events",
		Long: `Add a webhook endpoint, and print the secret of its signatures once. A running node starts
to send events within one second.

The endpoint receives the events that are recorded from now on, in order. The node retries
each event until the endpoint accepts it, and signs each delivery as Standard Webhooks
requires. The secret is stored in webhooks.json in --data, which only its owner can read.`,
		Example: `  authledger webhook add desk https://desk.example/hooks
  authledger webhook add audit https://audit.example/in --type '*'`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("`%s` needs a name and a URL", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			e.Name, e.URL = args[0], args[1]
			return p.addWebhook(e)
		},
	}
	c.Flags().StringArrayVar(&e.Types, "type", nil, "`TYPE` of events, or login.refused:REASON; repeat for more types, * for all (default "+strings.Join(webhooks.DefaultTypes(), ", ")+")")
	c.Flags().BoolVar(&e.AllowPrivate, "allow-private", false, "permit an endpoint in a private network or on this machine, and http without TLS")
	return c
}

func (p *program) addWebhook(e webhooks.Endpoint) error {
	if err := os.MkdirAll(p.set.data, 0o700); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	made, err := p.endpoints().Add(e)
	if errors.As(err, new(*webhooks.SpecError)) {
		return usageError{Err: err}
	}
	if err != nil {
		return err
	}
	return p.printSecret(made)
}

func (p *program) printSecret(e webhooks.Endpoint) error {
	if p.set.json {
		e.Former = ""
		return p.printer().WriteJSON(e)
	}
	p.warn("secret of the signatures for %s, which can't be shown again:", e.Name)
	_, err := fmt.Fprintln(p.out, e.Secret)
	return err
}

func newWebhookRotateCommand(p *program) *cobra.Command {
	var atOnce bool
	c := &cobra.Command{
		Use: "rotate NAME", Short: "Replace the secret of an endpoint and print it once",
		Long: fmt.Sprintf(`Replace the secret of the signatures for an endpoint, and print the new secret once.

For %v the node signs each delivery with both secrets, so that the endpoint accepts the
deliveries before it has the new secret. After a leak give --at-once: then the node signs
with the new secret only.`, webhooks.FormerFor),
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := p.wantDirectory(); err != nil {
				return err
			}
			rotated, err := p.endpoints().Rotate(args[0], atOnce)
			if err != nil {
				return err
			}
			return p.printSecret(rotated)
		},
	}
	c.Flags().BoolVar(&atOnce, "at-once", false, "stop signing with the former secret at once")
	return c
}

func newWebhookListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List endpoints without their secrets",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := p.wantDirectory(); err != nil {
				return err
			}
			list, err := p.endpoints().List()
			if err != nil {
				return err
			}
			for i := range list {
				list[i] = list[i].Public()
			}
			return p.answer(map[string]any{"webhooks": render.NonNil(list)}, func() *render.Table {
				t := render.NewTable("name", "url", "types", "private", "made").Dropping("made", "private", "types")
				for _, e := range list {
					t.AppendRow(render.Row{e.Name, render.Text(e.URL), strings.Join(e.Types, " "), e.AllowPrivate, render.Time(e.Made)})
				}
				return t
			})
		},
	}
}

func newWebhookRemoveCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "rm NAME", Short: "Remove an endpoint and its deliveries",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := p.wantDirectory(); err != nil {
				return err
			}
			return p.endpoints().Remove(args[0])
		},
	}
}

func newDeliveriesCommand(p *program) *cobra.Command {
	var state string
	c := &cobra.Command{
		Use: "deliveries NAME", Short: "List recent, pending and failed deliveries",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			switch webhooks.State(state) {
			case "", webhooks.Pending, webhooks.Delivered, webhooks.GivenUp:
			default:
				return usagef("--state %q: invalid value, want pending, delivered or failed", state)
			}
			if err := p.wantWebhook(args[0]); err != nil {
				return err
			}
			list, err := webhooks.Deliveries(p.set.data, args[0], webhooks.State(state))
			if err != nil {
				return err
			}
			return p.answer(map[string]any{"deliveries": render.NonNil(list)}, func() *render.Table {
				t := render.NewTable("id", "position", "type", "state", "attempts", "status", "time", "next", "error").
					Dropping("position", "status", "attempts", "next", "time", "error")
				for _, d := range list {
					next := ""
					if !d.Next.IsZero() {
						next = render.Time(d.Next)
					}
					t.AppendRow(render.Row{d.ID, d.Position, d.Type, render.State(d.State), d.Attempts, d.Status, render.Time(d.Time), next, d.Error})
				}
				return t
			})
		},
	}
	c.Flags().StringVar(&state, "state", "", "`STATE`: pending, delivered or failed (default all)")
	return c
}

func newRedriveCommand(p *program) *cobra.Command {
	var failed bool
	c := &cobra.Command{
		Use: "redrive NAME ID... | --failed", Short: "Deliver events again under the same ids",
		Long: `Deliver events to an endpoint again, under their ids: the deliveries with the given IDs, or
with --failed all failed deliveries. After you have repaired an endpoint, give the ID of a
pending delivery: the node then attempts it without waiting for the next regular attempt.
A running node starts within one second.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || failed == (len(args) > 1) {
				return usagef("`%s` needs a name, and ids or --failed", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := p.wantWebhook(args[0]); err != nil {
				return err
			}
			n, err := webhooks.Redrive(p.set.data, args[0], args[1:])
			if err != nil {
				return err
			}
			return p.answer(map[string]int{"redriven": n}, func() *render.Table {
				t := render.NewTable()
				t.AppendRow(render.Row{"redriven", render.Count(n, "delivery", "deliveries")})
				return t
			})
		},
	}
	c.Flags().BoolVar(&failed, "failed", false, "deliver all failed deliveries again")
	return c
}

func (p *program) wantWebhook(name string) error {
	if err := p.wantDirectory(); err != nil {
		return err
	}
	list, err := p.endpoints().List()
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Name == name {
			return nil
		}
	}
	return fmt.Errorf("webhook endpoint %s not found: see `authledger webhook ls`", name)
}

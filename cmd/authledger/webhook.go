package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/adapters/webhooks"
)

func newWebhookCommand(p *program) *cobra.Command {
	return newGroupCommand("webhook", "who is told over HTTPS what is recorded",
		newWebhookAddCommand(p), newWebhookListCommand(p), newWebhookRemoveCommand(p), newWebhookRotateCommand(p), newDeliveriesCommand(p), newRedriveCommand(p))
}

func (p *program) endpoints() *webhooks.Endpoints { return webhooks.OpenEndpoints(p.set.data, p.now) }

func newWebhookAddCommand(p *program) *cobra.Command {
	var e webhooks.Endpoint
	c := &cobra.Command{
		Use: "add NAME URL", Short: "tell an endpoint of events from now on; the secret of its signatures is printed, once",
		Long: `Tell an endpoint of events that are recorded from now on, each until it is taken,
in order, signed as Standard Webhooks has it. The secret is printed, and kept in
webhooks.json in --data, which only its owner can read. A running node begins
within a second.`,
		Example: `  authledger webhook add desk https://desk.example/hooks
  authledger webhook add audit https://audit.example/in --type '*'`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("`%s` wants a name and a URL", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			e.Name, e.URL = args[0], args[1]
			return p.addWebhook(e)
		},
	}
	c.Flags().StringArrayVar(&e.Types, "type", nil, "`TYPE` of events, again for more, * for all (default "+strings.Join(webhooks.Usual(), ", ")+")")
	c.Flags().BoolVar(&e.AllowPrivate, "allow-private", false, "the endpoint may be in a private network, on this machine, and without TLS")
	return c
}

func (p *program) addWebhook(e webhooks.Endpoint) error {
	if err := os.MkdirAll(p.set.data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	made, err := p.endpoints().Add(e)
	if errors.As(err, new(*webhooks.SpecError)) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	return p.tellSecret(made)
}

func (p *program) tellSecret(e webhooks.Endpoint) error {
	if p.set.json {
		e.Former = ""
		return p.writeJSON(e)
	}
	p.warn("this is the secret of the signatures to %s, which is not shown again", e.Name)
	_, err := fmt.Fprintln(p.out, e.Secret)
	return err
}

func newWebhookRotateCommand(p *program) *cobra.Command {
	var atOnce bool
	c := &cobra.Command{
		Use: "rotate NAME", Short: "give an endpoint a new secret, which is printed, once",
		Long: fmt.Sprintf(`Give an endpoint a new secret for its signatures. For %v each delivery is
signed by the former one, too, so that nothing is turned away while the endpoint
learns the new one; with --at-once, after a leak, no longer.`, webhooks.FormerFor),
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			rotated, err := p.endpoints().Rotate(args[0], atOnce)
			if err != nil {
				return err
			}
			return p.tellSecret(rotated)
		},
	}
	c.Flags().BoolVar(&atOnce, "at-once", false, "the former secret signs nothing more")
	return c
}

func newWebhookListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "the endpoints, without their secrets",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			list, err := p.endpoints().List()
			if err != nil {
				return err
			}
			for i := range list {
				list[i] = list[i].Public()
			}
			return p.answer(list, func() table.Writer {
				t := newTable("name", "url", "types", "private", "made")
				for _, e := range list {
					t.AppendRow(table.Row{e.Name, showText(e.URL), strings.Join(e.Types, " "), e.AllowPrivate, showTime(e.Made)})
				}
				return t
			})
		},
	}
}

func newWebhookRemoveCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "rm NAME", Short: "tell an endpoint nothing more, and forget its deliveries",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error { return p.endpoints().Remove(args[0]) },
	}
}

func newDeliveriesCommand(p *program) *cobra.Command {
	var state string
	c := &cobra.Command{
		Use: "deliveries NAME", Short: "what an endpoint was told of late, what it has not taken, and what is given up",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			switch webhooks.State(state) {
			case "", webhooks.Pending, webhooks.Delivered, webhooks.GivenUp:
			default:
				return usagef("--state %q: want pending, delivered or failed", state)
			}
			if err := p.wantWebhook(args[0]); err != nil {
				return err
			}
			list, err := webhooks.Deliveries(p.set.data, args[0], webhooks.State(state))
			if err != nil {
				return err
			}
			return p.answer(list, func() table.Writer {
				t := newTable("id", "position", "type", "state", "attempts", "status", "time", "next", "error")
				for _, d := range list {
					next := ""
					if !d.Next.IsZero() {
						next = showTime(d.Next)
					}
					t.AppendRow(table.Row{d.ID, d.Position, d.Type, d.State, d.Attempts, d.Status, showTime(d.Time), next, d.Error})
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
		Use: "redrive NAME ID... | --failed", Short: "make deliveries again, under the same ids: those named, or all that were given up",
		Long: `Make deliveries again, under the same ids: those named, or all that were given up.
One that waits for its next attempt is attempted now, as once an endpoint is well
again that was not for long. The node that runs begins within a second.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || failed == (len(args) > 1) {
				return usagef("`%s` wants a name, and ids or --failed", c.CommandPath())
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
			are := "deliveries are"
			if n == 1 {
				are = "delivery is"
			}
			_, err = fmt.Fprintf(p.out, "%d %s made again by the node that runs, or by the next one\n", n, are)
			return err
		},
	}
	c.Flags().BoolVar(&failed, "failed", false, "all that were given up")
	return c
}

func (p *program) wantWebhook(name string) error {
	list, err := p.endpoints().List()
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Name == name {
			return nil
		}
	}
	return fmt.Errorf("there is no endpoint named %s: see webhook ls", name)
}

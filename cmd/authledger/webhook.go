package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/adapters/httpapi"
	"authledger/adapters/webhooks"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/domain/operations"
)

func newWebhookCommand(p *program) *cobra.Command {
	return newGroupCommand("webhook", "Manage webhook endpoints and deliveries",
		newWebhookAddCommand(p), newConfigListCommand(p, "webhooks"), newWebhookRemoveCommand(p), newWebhookRotateCommand(p), newDeliveriesCommand(p), newRedriveCommand(p))
}

// addedSecret is the new secret of an endpoint as JSON. No other answer contains the secret.
type addedSecret struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
}

func newWebhookAddCommand(p *program) *cobra.Command {
	var add domain.ConfigWebhookAdd
	c := &cobra.Command{
		Use: "add NAME URL", Short: "Add an endpoint that receives new events",
		Long: `Add a webhook endpoint, and print the secret of its signatures once. A running node starts
to send events at once.

The endpoint receives the events of the records after this command, in order. The node retries
each event until the endpoint accepts it, and signs each delivery as Standard Webhooks
requires. The ledger seals the secret, and shows it to no reader.`,
		Example: `  authledger webhook add desk https://desk.example/hooks
  authledger webhook add audit https://audit.example/in --type '*'`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("`%s` needs a name and a URL", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			add.Name, add.URL, add.By = args[0], args[1], p.operator(add.By)
			return p.addWebhook(c.Context(), add)
		},
	}
	c.Flags().StringArrayVar(&add.Types, "type", nil, "`TYPE` of events, or login.refused:REASON; repeat for more types, * for all (default "+strings.Join(domain.DefaultWebhookTypes(), ", ")+")")
	c.Flags().BoolVar(&add.AllowPrivate, "allow-private", false, "permit an endpoint in a private network or on this machine, and http without TLS")
	c.Flags().StringVar(&add.By, "by", "", byFlagText)
	return c
}

func (p *program) addWebhook(ctx context.Context, add domain.ConfigWebhookAdd) error {
	if wrong := add.Check(); wrong != nil && wrong.Field == "url" {
		return usagef("url: %s: permit it with --allow-private", wrong.Detail)
	}
	for _, t := range add.Types {
		if !domain.IsWebhookType(t) { // the ledger would not repeat the value in its answer
			return usagef("--type %q: unknown type, want a type of docs/schemas/events, login.refused:REASON, or * for all", t)
		}
	}
	add.Secret = webhooks.NewSecret()
	if err := p.submitConfig(ctx, &add); err != nil {
		return fmt.Errorf("add the webhook %s: %w", add.Name, err)
	}
	return p.printSecret(add.Name, add.Secret)
}

func (p *program) printSecret(name, secret string) error {
	if p.set.JSON {
		return p.printer().WriteJSON(addedSecret{name, secret})
	}
	p.warn("secret of the signatures for %s, which can't be shown again:", name)
	_, err := fmt.Fprintln(p.out, secret)
	return err
}

func newWebhookRotateCommand(p *program) *cobra.Command {
	var rotate domain.ConfigWebhookRotate
	c := &cobra.Command{
		Use: "rotate NAME", Short: "Replace the secret of an endpoint and print it once",
		Long: fmt.Sprintf(`Replace the secret of the signatures for an endpoint, and print the new secret once.

For %v the node signs each delivery with both secrets, so that the endpoint accepts the
deliveries before it has the new secret. After a leak give --at-once: then the node signs
with the new secret only.`, domain.WebhookFormerFor),
		Args: oneArgument("name"),
		RunE: func(c *cobra.Command, args []string) error {
			rotate.Name, rotate.By, rotate.Secret = args[0], p.operator(rotate.By), webhooks.NewSecret()
			if err := p.change(c.Context(), &rotate); err != nil {
				return fmt.Errorf("rotate the secret of the webhook %s: %w", rotate.Name, err)
			}
			return p.printSecret(rotate.Name, rotate.Secret)
		},
	}
	c.Flags().BoolVar(&rotate.AtOnce, "at-once", false, "stop signing with the former secret at once")
	c.Flags().StringVar(&rotate.By, "by", "", byFlagText)
	return c
}

func newWebhookRemoveCommand(p *program) *cobra.Command {
	var remove domain.ConfigWebhookRemove
	c := &cobra.Command{
		Use: "rm NAME", Short: "Remove an endpoint and its deliveries", Aliases: []string{"remove"},
		Args: oneArgument("name"),
		RunE: func(c *cobra.Command, args []string) error {
			remove.Name, remove.By = args[0], p.operator(remove.By)
			if err := p.change(c.Context(), &remove); err != nil {
				return fmt.Errorf("remove the webhook %s: %w", remove.Name, err)
			}
			return nil
		},
	}
	c.Flags().StringVar(&remove.By, "by", "", byFlagText)
	return c
}

func newDeliveriesCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "deliveries NAME", Short: "List recent, pending and failed deliveries",
		Long: `List the recent, pending and failed deliveries of a node to an endpoint, the oldest first.
Each node of a realm keeps its own deliveries, and the answer in JSON names the node.`,
		Args: oneArgument("name"),
		RunE: func(c *cobra.Command, args []string) error {
			v, err := flags.parse("webhook-deliveries", args[0])
			if err != nil {
				return err
			}
			var page node.DeliveryPage
			err = p.askWebhooks(c.Context(), "webhook-deliveries", v, &page, func(d *node.Deliveries) (err error) {
				page, err = d.List(c.Context(), httpapi.DeliveryListOf(&v))
				return err
			})
			if err != nil {
				return err
			}
			if err := p.answer(page, func() *render.Table { return deliveryTable(page.Deliveries) }); err != nil || p.set.JSON || page.Next == "" {
				return err
			}
			_, err = fmt.Fprintf(p.errs, "%s listed, more exist: continue with --after %s\n", render.Count(len(page.Deliveries), "delivery", "deliveries"), page.Next)
			return err
		},
	}
	flags.register(c.Flags(), "webhook-deliveries", operations.State, operations.Limit, operations.After)
	return c
}

func deliveryTable(list []webhooks.Delivery) *render.Table {
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
}

func newRedriveCommand(p *program) *cobra.Command {
	var failed bool
	c := &cobra.Command{
		Use: "redrive NAME ID... | --failed", Short: "Deliver events again under the same ids",
		Long: `Deliver events of a node to an endpoint again, under their ids: the deliveries with the given
IDs, or with --failed all failed deliveries. After you have repaired an endpoint, give the ID of
a pending delivery: the node then attempts it without waiting for the next regular attempt.
A running node starts within one second.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || failed == (len(args) > 1) {
				return usagef("`%s` needs a name, and ids or --failed", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.redrive(c.Context(), args[0], args[1:]) },
	}
	c.Flags().BoolVar(&failed, "failed", false, "deliver all failed deliveries again")
	return c
}

// redrive delivers the events with the ids again, or without ids all failed ones.
func (p *program) redrive(ctx context.Context, name string, ids []string) error {
	selected := strings.Join(ids, ",")
	if len(ids) == 0 {
		selected = "failed"
	}
	v, err := parseQuery("webhook-redrive", name, map[string][]string{operations.Deliveries: {selected}})
	if err != nil {
		return usageError{Err: err}
	}
	var done node.Redriven
	err = p.askWebhooks(ctx, "webhook-redrive", v, &done, func(d *node.Deliveries) (err error) {
		done, err = d.Redo(ctx, name, ids)
		return err
	})
	if err != nil {
		return err
	}
	return p.answer(done, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"redriven", render.Count(done.Redriven, "delivery", "deliveries")})
		return t
	})
}

// askWebhooks sends the request of an operation on deliveries to the node, and decodes the answer
// into the value at into. Without a node it calls read with the deliveries in the data directory.
func (p *program) askWebhooks(ctx context.Context, operation string, v operations.Values, into any, read func(*node.Deliveries) error) error {
	c, err := p.reach()
	if err != nil {
		return err
	}
	if c == nil {
		if err := p.takeOver(ctx); err != nil {
			return err
		}
		err = p.withView(ctx, func(n *node.View) error { return read(n.Deliveries()) })
	} else {
		defer c.Close()
		err = p.askOperation(ctx, c, operation, v, into)
	}
	if isNotFound(err) {
		return fmt.Errorf("webhook endpoint %s not found: see `authledger webhook ls`", v.Text(operations.Name))
	}
	return err
}

// askOperation sends the request of an operation to a node, and decodes the answer.
func (p *program) askOperation(ctx context.Context, c *client.Client, operation string, v operations.Values, into any) error {
	o := operations.Find(operation)
	path, values, err := requestOf(o, v)
	if err != nil {
		return err
	}
	answer, err := c.Ask(ctx, o.Method, path, values)
	if err != nil {
		return p.nodeError(err)
	}
	return decodeAnswer(answer, into)
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/adapters/client"
	"authledger/domain"
)

// Goals and parameters of the measurements over NATS.
const (
	goalNATSMedian = 0.6 // ms
	turnCommands   = 100 // consecutive commands over one transport
)

// transports are the transports of the Go client. The client does the same work for both.
var transports = []string{"HTTP", "NATS"}

// clients contains a client of the node for each transport.
type clients map[string]*client.Client

func (h *httpRun) clients() (clients, error) {
	options := map[string]client.Options{
		"HTTP": {URL: h.url, Token: h.writer, Source: gatewaySource},
		"NATS": {URL: "nats://" + h.nats, NATS: client.NATS{Name: gatewayName, Seed: h.seed}},
	}
	all := make(clients)
	for _, over := range transports {
		c, err := client.New(options[over])
		if err != nil {
			all.close()
			return nil, err
		}
		all[over] = c
	}
	return all, nil
}

func (a clients) close() {
	for _, c := range a {
		c.Close()
	}
}

// overNATS sends commands one after another, alternating between HTTP and NATS, and
// then at a fixed rate over NATS.
func (h *httpRun) overNATS(ctx context.Context) error {
	clients, err := h.clients()
	if err != nil {
		return err
	}
	defer clients.close()
	took := make(map[string][]time.Duration)
	for range h.size.turns {
		for _, over := range transports {
			for range turnCommands {
				send := h.sending(ctx, clients[over])
				sent := time.Now()
				if err := send(); err != nil {
					return fmt.Errorf("over %s: %w", over, err)
				}
				took[over] = append(took[over], time.Since(sent))
			}
		}
	}
	for _, over := range transports {
		h.found(milliseconds(percentile(took[over], 50)), "ms", "one command after another over %s, p50", over)
		if over == "NATS" {
			h.atMost(goalNATSMedian)
		}
		h.found(milliseconds(percentile(took[over], 99)), "ms", "one command after another over %s, p99", over)
	}
	h.found(float64(percentile(took["NATS"], 50))/float64(percentile(took["HTTP"], 50)), "×", "one command after another, p50 over NATS divided by p50 over HTTP")
	return h.offered(ctx, "one command over NATS", func() func() error { return h.sending(ctx, clients["NATS"]) })
}

var errInvalid = errors.New("invalid command")

// sending returns a function that sends the next command.
func (h *httpRun) sending(ctx context.Context, c *client.Client) func() error {
	command, _ := h.next() // the sequence has no end
	return func() error { return decided(c.Do(ctx, command.ID, command.Data)) }
}

// decided returns an error unless the command was accepted or refused.
func decided(v client.Verdict, err error) error {
	if err == nil && v.Status != domain.Accepted && v.Status != domain.Refused {
		return fmt.Errorf("%w: %s %s", errInvalid, v.Reason, v.Detail)
	}
	return err
}

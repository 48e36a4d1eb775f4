package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/adapters/client"
	"authledger/domain"
)

// Goals and shapes of the bench over NATS (issue 5).
const (
	goalNATSMedian = 0.6 // ms
	turnCommands   = 100 // one transport's, before the other's
)

// transports are the Go client over HTTP and over NATS: what it costs it costs both.
var transports = []string{"HTTP", "NATS"}

// asking is a client of the node over each transport.
type asking map[string]*client.Client

func (h *httpBench) clients() (asking, error) {
	options := map[string]client.Options{
		"HTTP": {URL: h.url, Token: h.writer, Source: benchSource},
		"NATS": {URL: "nats://" + h.nats, NATS: client.NATS{Name: benchGateway, Seed: h.seed}},
	}
	all := make(asking)
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

func (a asking) close() {
	for _, c := range a {
		c.Close()
	}
}

// overNATS gives commands one after another, over HTTP and over NATS in turns, and
// then offers them at a steady rate over NATS.
func (h *httpBench) overNATS(ctx context.Context) error {
	clients, err := h.clients()
	if err != nil {
		return err
	}
	defer clients.close()
	took := make(map[string][]time.Duration)
	for range h.size.turns {
		for _, over := range transports {
			for range turnCommands {
				give := h.giving(ctx, clients[over])
				sent := time.Now()
				if err := give(); err != nil {
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
	h.found(float64(percentile(took["NATS"], 50))/float64(percentile(took["HTTP"], 50)), "×", "p50 over NATS, against HTTP")
	return h.offered(ctx, "one command over NATS", func() func() error { return h.giving(ctx, clients["NATS"]) })
}

var errNotAccepted = errors.New("a command of the bench is not accepted")

// giving makes the next command, to be given later.
func (h *httpBench) giving(ctx context.Context, c *client.Client) func() error {
	command, _ := h.next() // it has no end
	return func() error { return decided(c.Do(ctx, command.ID, command.Data)) }
}

// decided is what was wrong with a command of the bench, nil if it was taken in.
func decided(v client.Verdict, err error) error {
	if err == nil && v.Status != domain.Accepted && v.Status != domain.Refused {
		return fmt.Errorf("%w: %s %s", errNotAccepted, v.Reason, v.Detail)
	}
	return err
}

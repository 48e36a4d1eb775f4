package main

import (
	"context"
	"fmt"
	"strings"

	"authledger/adapters/webhooks"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// The user names, the card and the webhook of the open work of a demonstration. The generator has no such
// user names. Both names belong to one person.
const (
	demoOwner     = "olgareed"
	demoRequester = "oreed"
	demoCard      = "demo-card-1"
	demoEndpoint  = "desk"
)

// addWork records a sharing request that waits for an officer, and a webhook whose endpoint does not exist
// on this node, so that the page of work of the console has open items.
func (p *program) addWork(ctx context.Context, n *node.Node, e *node.Server) error {
	fingerprint := strings.Repeat("a", 64)
	for i, data := range []domain.CommandData{
		&domain.ConfigWebhookAdd{Name: demoEndpoint, URL: e.URL() + "/demo/" + demoEndpoint,
			Secret: webhooks.NewSecret(), AllowPrivate: true},
		&domain.IdentityRecord{User: demoOwner, Fingerprint: fingerprint},
		&domain.IdentityRecord{User: demoRequester, Fingerprint: fingerprint},
		&domain.DeviceActivate{User: demoOwner, Device: demoCard, Class: domain.DigitalSecurityCardPlus,
			Method: domain.Portal},
		&domain.SharingRequest{Sharing: "demo-sharing-1", Owner: demoOwner, Device: demoCard,
			Requester: demoRequester, Review: true},
	} {
		verdict, err := n.Ledger.Do(ctx, domain.Command{
			Source: "gateway/demo", ID: fmt.Sprint("work-", i), Time: p.now().UTC(), Stamped: true,
			Caller: "demo", Data: data,
		})
		if err == nil && verdict.Status != domain.Accepted {
			err = fmt.Errorf("got %s %s, want an accepted command", verdict.Reason, verdict.Detail)
		}
		if err != nil {
			return fmt.Errorf("record the open work of the demonstration: %s: %w", data.CommandType(), err)
		}
	}
	return nil
}

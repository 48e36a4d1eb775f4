package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"authledger/adapters/client"
	"authledger/domain"
)

// firstCommands sends the first command of each user: for some users one after
// another, for the others in batches. The node creates and syncs a key for each new
// user first. The later measurements use these known users, because most users of a
// real ledger are known.
func (h *httpRun) firstCommands(ctx context.Context) error {
	clients, err := h.clients()
	if err != nil {
		return err
	}
	defer clients.close()
	users := userNames(h.size.users)
	some := min(len(users), h.size.turns*turnCommands/2)
	took := make([]time.Duration, some)
	for i, user := range users[:some] {
		c := h.firstCommand(user)
		sent := time.Now()
		if err := decided(clients["NATS"].Do(ctx, c.ID, c.Data)); err != nil {
			return fmt.Errorf("the first command of %s: %w", user, err)
		}
		took[i] = time.Since(sent)
	}
	h.found(milliseconds(percentile(took, 50)), "ms", "first command of a user over NATS, one command after another, p50")
	for few := range slices.Chunk(users[some:], usersAtOnce) {
		commands := make([]client.Command, len(few))
		for i, user := range few {
			commands[i] = h.firstCommand(user)
		}
		verdicts, err := clients["HTTP"].Batch(ctx, commands)
		if err != nil {
			return fmt.Errorf("the first commands of %d users: %w", len(few), err)
		}
		for _, v := range verdicts {
			if err := decided(v, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// usersAtOnce is the number of first commands in a batch.
const usersAtOnce = 500

func (h *httpRun) firstCommand(user string) client.Command {
	return client.Command{ID: "first-" + user, Time: h.Now().UTC(), Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "192.0.2.7"}}
}

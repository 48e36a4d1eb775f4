package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"authledger/domain/operations"
)

// Bounds of the look-ups of the completion.
const (
	lookupWithin = 500 * time.Millisecond // maximum duration of one look-up
	lookupMax    = 50                     // maximum number of names
)

// errNoNode reports that a look-up would have to open the data directory.
var errNoNode = errors.New("no node runs on the data directory")

// completeUsers returns locked users whose names begin with typed, because a look-up of all users
// has no index yet. Users sort by name, and each name that begins with typed comes after typed.
func (p *program) completeUsers(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	query := map[string][]string{operations.Limit: {strconv.Itoa(lookupMax)}}
	if typed != "" {
		query[operations.After] = []string{typed}
	}
	return beginning(typed, p.lookUp(c, "lockouts", "", query, "user")), cobra.ShellCompDirectiveNoFileComp
}

// lookUpItems returns the ids of the devices or codes of a user.
func (p *program) lookUpItems(c *cobra.Command, operation, user, member string) []string {
	if user == "" {
		return nil
	}
	return p.lookUp(c, operation, user, map[string][]string{operations.Limit: {strconv.Itoa(lookupMax)}}, member)
}

// lookUp requests a list from the node of the command and returns a member of each item. It returns
// nil, and prints nothing, if no node answers within [lookupWithin]. It never opens a data directory.
func (p *program) lookUp(c *cobra.Command, operation, argument string, query map[string][]string, member string) []string {
	ctx, cancel := context.WithTimeout(c.Context(), lookupWithin)
	defer cancel()
	found := make(chan []string, 1)
	go func() {
		answer, err := p.askNode(ctx, c, operation, argument, query)
		if err != nil {
			found <- nil
			return
		}
		found <- membersOf(answer, operation, member)
	}()
	select {
	case names := <-found:
		return names
	case <-ctx.Done():
		return nil // a connection may ignore ctx
	}
}

// askNode requests an operation from the node that the settings of c name.
func (p *program) askNode(ctx context.Context, c *cobra.Command, operation, argument string, query map[string][]string) ([]byte, error) {
	p.command = c
	if err := p.set.load(c.Flags(), p.getenv); err != nil {
		return nil, err
	}
	if err := p.setTarget(c); err != nil {
		return nil, err
	}
	to, err := p.reach(lookupWithin)
	if err != nil {
		return nil, err
	}
	if to == nil {
		return nil, errNoNode
	}
	defer to.Close()
	v, err := parseQuery(operation, argument, query)
	if err != nil {
		return nil, err
	}
	o := operations.Find(operation)
	path, values, err := requestOf(o, v)
	if err != nil {
		return nil, err
	}
	return to.Ask(ctx, o.Method, path, values)
}

// membersOf returns a member of each item of a list. The list is the member of the answer with the
// name of the operation.
func membersOf(answer []byte, operation, member string) []string {
	var all map[string]json.RawMessage
	var items []map[string]any
	if json.Unmarshal(answer, &all) != nil || json.Unmarshal(all[operation], &items) != nil {
		return nil
	}
	var names []string
	for _, item := range items[:min(len(items), lookupMax)] {
		if name, ok := item[member].(string); ok {
			names = append(names, name)
		}
	}
	return names
}

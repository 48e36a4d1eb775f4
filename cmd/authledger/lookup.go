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
	lookupRead   = 1000                   // maximum number of users of a realm with pseudonyms that a look-up reads
)

// errNoNode reports that a look-up would have to open the data directory.
var errNoNode = errors.New("no node runs on the data directory")

// completeUsers returns the names of users that begin with typed. A realm with pseudonyms finds no names by
// their beginning, so the look-up selects from the first [lookupRead] users.
func (p *program) completeUsers(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := p.lookUp(c, "users", "", map[string][]string{operations.Prefix: {typed}}, "user")
	if names == nil && typed != "" {
		all := p.lookUp(c, "users", "", map[string][]string{operations.Limit: {strconv.Itoa(lookupRead)}}, "user")
		names = beginning(typed, all)
	}
	return names[:min(len(names), lookupMax)], cobra.ShellCompDirectiveNoFileComp
}

// lookUpItems returns the ids of the newest devices or codes of a user.
func (p *program) lookUpItems(c *cobra.Command, operation, user, member string) []string {
	if user == "" {
		return nil
	}
	return p.lookUp(c, operation, user, map[string][]string{}, member)
}

// lookUp requests a list from the node of the command and returns a member of each item. It returns
// nil, and prints nothing, if no node answers within [lookupWithin]. It never opens a data directory.
//
// A goroutine that outlasts the look-up uses a copy of p, because the caller continues to use p.
func (p *program) lookUp(c *cobra.Command, operation, argument string, query map[string][]string, member string) []string {
	if query[operations.Limit] == nil {
		query[operations.Limit] = []string{strconv.Itoa(lookupMax)}
	}
	if err := p.loadTarget(c); err != nil {
		return nil
	}
	asking := *p
	ctx, cancel := context.WithTimeout(c.Context(), lookupWithin)
	defer cancel()
	found := make(chan []string, 1)
	go func() {
		answer, err := asking.askNode(ctx, operation, argument, query)
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

// loadTarget loads the settings of c for a look-up, and the node that they name.
func (p *program) loadTarget(c *cobra.Command) error {
	p.command = c
	if err := p.set.Load(c.Flags(), p.getenv); err != nil {
		return err
	}
	p.set.Timeout = lookupWithin
	return p.setTarget(c)
}

// askNode requests an operation from the node of the look-up.
func (p *program) askNode(ctx context.Context, operation, argument string, query map[string][]string) ([]byte, error) {
	to, err := p.reach()
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

// membersOf returns a member of each item of a list. The list of users is the member items of the
// answer, and each other list is the member with the name of the operation.
func membersOf(answer []byte, operation, member string) []string {
	list := operation
	if operation == "users" {
		list = "items"
	}
	var all map[string]json.RawMessage
	var items []map[string]any
	if json.Unmarshal(answer, &all) != nil || json.Unmarshal(all[list], &items) != nil {
		return nil
	}
	names := []string{}
	for _, item := range items[:min(len(items), lookupRead)] {
		if name, ok := item[member].(string); ok {
			names = append(names, name)
		}
	}
	return names
}

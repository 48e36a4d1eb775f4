package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/eventstore/durable"
)

// Bounds of the file of contexts.
const (
	contextsMax   = 1_000
	tokenBytesMax = 4 << 10 // of a token on standard input
)

// contexts are the nodes that the user has named. They are stored in the user's configuration
// directory with mode 0600, because they contain tokens.
type contexts struct {
	Selected string                  `json:"selected,omitempty"`
	Contexts map[string]namedContext `json:"contexts"`
}

type namedContext struct {
	Server         string `json:"server"`
	Token          string `json:"token,omitempty"`
	AllowPlaintext bool   `json:"allowPlaintext,omitempty"`
}

// contextsFile returns the path of the file of contexts.
func (p *program) contextsFile() string {
	return filepath.Join(settings.UserDir(p.getenv, "XDG_CONFIG_HOME", ".config"), "contexts.json")
}

// readContexts reads the file of contexts. Without the file it returns no contexts.
func (p *program) readContexts() (*contexts, error) {
	path := p.contextsFile()
	all := &contexts{Contexts: make(map[string]namedContext)}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("read the contexts: other users have permissions on %s, which contains tokens: run `chmod 600 %[1]s`", path)
	}
	var text []byte
	if err == nil {
		text, err = durable.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the contexts: %w", err)
	}
	if err := json.Unmarshal(text, all); err != nil || all.Contexts == nil {
		return nil, fmt.Errorf("%s is damaged: repair or remove the file, then add the contexts again", path)
	}
	return all, nil
}

// changeContexts replaces the file of contexts after change. Concurrent commands change the file
// one after the other.
func (p *program) changeContexts(change func(*contexts) error) error {
	path := p.contextsFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create the configuration directory: %w", err)
	}
	return durable.Alone(path, func() error {
		all, err := p.readContexts()
		if err != nil {
			return err
		}
		if err := change(all); err != nil {
			return err
		}
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return fmt.Errorf("encode the contexts: %w", err)
		}
		if err := durable.Replace(path, append(text, '\n')); err != nil {
			return fmt.Errorf("write the contexts: %w", err)
		}
		return nil
	})
}

// contextTarget returns the node of a context.
func (p *program) contextTarget(name, from string) (target, error) {
	all, err := p.readContexts()
	if err != nil {
		return target{}, err
	}
	if err := all.want(name, from); err != nil {
		return target{}, err
	}
	found := all.Contexts[name]
	t := target{server: found.Server, token: found.Token, allowPlaintext: found.AllowPlaintext, from: from}
	if t.token == "" {
		t.token = p.getenv(settings.TokenVariable)
	}
	return t, nil
}

// selectedTarget returns the node of the context that `authledger context use` selected, the
// zero target if none is selected.
func (p *program) selectedTarget() (target, error) {
	all, err := p.readContexts()
	if err != nil || all.Selected == "" {
		return target{}, err
	}
	return p.contextTarget(all.Selected, "the selected context "+all.Selected)
}

// want returns a usage error if no context has the name.
func (all *contexts) want(name, from string) error {
	if _, ok := all.Contexts[name]; ok {
		return nil
	}
	next := "add it with `authledger context add`, or see `authledger context ls`"
	return usagef("%s: unknown context %q%s", from, name, usage.OrSee(domain.DidYouMean(name, all.names()), next))
}

// names returns the names of all contexts in alphabetical order.
func (all *contexts) names() []string { return slices.Sorted(maps.Keys(all.Contexts)) }

func newContextCommand(p *program) *cobra.Command {
	return newGroupCommand("context", "Name nodes and select one for all commands",
		newContextAddCommand(p), newContextUseCommand(p), newContextListCommand(p), newContextRemoveCommand(p))
}

func newContextAddCommand(p *program) *cobra.Command {
	var replace, tokenStdin bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Name a node and store its URL and token",
		Long: `Store the URL in --server, and the token in AUTHLEDGER_TOKEN or on standard input, under a
name. The file contexts.json in the configuration directory stores both. Only its owner can
read the file, and no command prints the token.

The command selects the first context that you add. Each command that can send its request
to a node accepts --context NAME.`,
		Example: `  authledger context add prod --server https://ledger.example --token-stdin < token
  authledger show lockout alice --context prod`,
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			token := p.getenv(settings.TokenVariable)
			if tokenStdin {
				text, err := io.ReadAll(io.LimitReader(p.in, tokenBytesMax))
				if err != nil {
					return fmt.Errorf("read the token from standard input: %w", err)
				}
				token = string(bytes.TrimSpace(text))
			}
			return p.addContext(args[0], namedContext{Server: p.set.Server, Token: token, AllowPlaintext: p.set.AllowPlaintext}, replace)
		},
	}
	c.Flags().BoolVar(&replace, "replace", false, "replace the context of this name")
	c.Flags().BoolVar(&tokenStdin, "token-stdin", false, "read the token from standard input in place of "+settings.TokenVariable)
	return c
}

func (p *program) addContext(name string, added namedContext, replace bool) error {
	if wrong := domain.WrongID(name); wrong != "" || strings.HasPrefix(name, "-") {
		return usagef("context %q: invalid name, accepted: 1 to 128 characters of A-Z a-z 0-9 . _ : -, the first not -", name)
	}
	if added.Server == "" {
		return usagef("`authledger context add` needs --server URL")
	}
	c, err := p.clientOf(target{server: added.Server, allowPlaintext: added.AllowPlaintext}) // checks the URL
	if err != nil {
		return err
	}
	c.Close()
	return p.changeContexts(func(all *contexts) error {
		_, exists := all.Contexts[name]
		switch {
		case exists && !replace:
			return usagef("context %q already exists: give --replace to replace it", name)
		case len(all.Contexts) >= contextsMax && !exists:
			return fmt.Errorf("%d contexts exist already, which is the maximum: remove one with `authledger context rm`", contextsMax)
		case len(all.Contexts) == 0:
			all.Selected = name
		}
		all.Contexts[name] = added
		return nil
	})
}

func newContextUseCommand(p *program) *cobra.Command {
	var none bool
	c := &cobra.Command{
		Use: "use NAME | --none", Short: "Select the context of later commands",
		Long: `Select the context of later commands. --server, --context, --data and their environment
variables override the selected context. --none ends the selection.`,
		Args: func(c *cobra.Command, args []string) error {
			if none == (len(args) == 1) || len(args) > 1 {
				return usagef("`%s` needs one name, or --none", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return p.changeContexts(func(all *contexts) error {
				all.Selected = ""
				if none {
					return nil
				}
				all.Selected = args[0]
				return all.want(args[0], "context use")
			})
		},
	}
	c.Flags().BoolVar(&none, "none", false, "select no context")
	return c
}

// contextAnswer is a context without its token.
type contextAnswer struct {
	Name           string `json:"name"`
	Server         string `json:"server"`
	Selected       bool   `json:"selected"`
	HasToken       bool   `json:"hasToken"`
	AllowPlaintext bool   `json:"allowPlaintext"`
}

func newContextListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List contexts without their tokens",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			all, err := p.readContexts()
			if err != nil {
				return err
			}
			list := []contextAnswer{}
			for _, name := range all.names() {
				c := all.Contexts[name]
				list = append(list, contextAnswer{name, c.Server, name == all.Selected, c.Token != "", c.AllowPlaintext})
			}
			return p.answer(map[string]any{"contexts": list}, func() *render.Table {
				t := render.NewTable("name", "server", "selected", "token", "plaintext").Dropping("plaintext", "token")
				for _, c := range list {
					t.AppendRow(render.Row{c.Name, render.Text(c.Server), c.Selected, c.HasToken, c.AllowPlaintext})
				}
				return t
			})
		},
	}
}

func newContextRemoveCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "rm NAME", Short: "Remove a context and its token",
		Args: oneArgument("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.changeContexts(func(all *contexts) error {
				if err := all.want(args[0], "context rm"); err != nil {
					return err
				}
				delete(all.Contexts, args[0])
				if all.Selected == args[0] {
					all.Selected = ""
				}
				return nil
			})
		},
	}
}

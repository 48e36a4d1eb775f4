package domain

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naiveConfig decides config.* commands over two plain lists, without items and claims.
type naiveConfig struct {
	tokens []ConfigTokenAdd
	hooks  []string
}

func (n *naiveConfig) decide(data CommandData) Reason {
	switch c := data.(type) {
	case *ConfigTokenAdd:
		added := *c
		added.Source = c.source()
		for _, k := range n.tokens {
			if strings.EqualFold(k.Name, c.Name) || strings.EqualFold(k.Source, added.Source) ||
				k.TokenHash == c.TokenHash || k.NKey != "" && k.NKey == c.NKey {
				return AlreadyExists
			}
		}
		n.tokens = append(n.tokens, added)
	case *ConfigTokenRevoke:
		left := slices.DeleteFunc(slices.Clone(n.tokens), func(k ConfigTokenAdd) bool { return k.Name == c.Name })
		if len(left) == len(n.tokens) {
			return UnknownToken
		}
		n.tokens = left
	case *ConfigWebhookAdd:
		if slices.Contains(n.hooks, c.Name) {
			return AlreadyExists
		}
		n.hooks = append(n.hooks, c.Name)
	case *ConfigWebhookRotate:
		if !slices.Contains(n.hooks, c.Name) {
			return UnknownWebhook
		}
	case *ConfigWebhookRemove:
		if !slices.Contains(n.hooks, c.Name) {
			return UnknownWebhook
		}
		n.hooks = slices.DeleteFunc(n.hooks, func(name string) bool { return name == c.Name })
	}
	return ""
}

// The verdicts and the final states agree with an implementation over plain lists (CFG-1 to CFG-5).
func TestConfig_AgreesWithNaiveRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, n, tr := newLedger(IBKRSLS()), &naiveConfig{}, &traveller{}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			data := tr.configure(t)
			if got, want := l.do(*send(0, data)(l)).Reason, n.decide(data); got != want {
				t.Fatalf("%s %+v: got reason %q, want %q", data.CommandType(), data, got, want)
			}
		}
		tokens, hooks := l.Items(TokenItem, ""), l.Items(WebhookItem, "")
		size := l.configSizeNow()
		if len(tokens) != len(n.tokens) || len(hooks) != len(n.hooks) || size.Tokens != int64(len(tokens)) ||
			size.Webhooks != int64(len(hooks)) {
			t.Fatalf("states: got %d tokens and %d webhooks, counted as %+v, want %d and %d", len(tokens), len(hooks),
				size, len(n.tokens), len(n.hooks))
		}
		claims := 0
		for _, k := range n.tokens {
			token, ok := tokens[foldCase(k.Name)].(*Token)
			if !ok || token.Name != k.Name || token.Hash != k.TokenHash || token.Source != k.Source {
				t.Fatalf("token %s: got %+v, want %+v", k.Name, token, k)
			}
			claims += len(tokenClaims(k.Source, k.TokenHash, k.NKey))
		}
		if got := len(l.Items(TokenClaimItem, "source")) + len(l.Items(TokenClaimItem, "tokenHash")) +
			len(l.Items(TokenClaimItem, "nkey")); got != claims {
			t.Fatalf("claims: got %d, want %d, and none of a revoked token", got, claims)
		}
	})
}

func (l *ledger) configSizeNow() ConfigSize {
	if s, ok := l.items[configSizeKey].(*ConfigSize); ok {
		return *s
	}
	return ConfigSize{}
}

// Texts that strings.EqualFold considers equal have one folded text.
func TestFoldCase(t *testing.T) {
	for _, pair := range [][2]string{{"Portal", "pORTAL"}, {"K", "\u212A"}, {"s", "\u017F"}, {"Σς", "σΣ"}} {
		if a, b := foldCase(pair[0]), foldCase(pair[1]); a != b {
			t.Errorf("%q and %q: got %q and %q, want one text", pair[0], pair[1], a, b)
		}
	}
	if a, b := foldCase("portal"), foldCase("porta1"); a == b {
		t.Errorf("portal and porta1: got %q for both, want two texts", a)
	}
}

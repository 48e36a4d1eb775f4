package domain

import "time"

// Token is the item of a token that is not revoked. An expired token stays until it is revoked,
// so that its name and source stay taken.
type Token struct {
	Name    string
	Role    string
	Source  string
	Hash    string // SHA-256 of the text of the token, in hexadecimal digits
	NKey    string // "" for a caller that uses HTTP only
	Rate    int64
	Made    time.Time
	Expires time.Time
	Persons []string
}

func (t *Token) item() {}
func (t *Token) Members(v Visitor) {
	v.Text("name", &t.Name, Need)
	v.Text("role", &t.Role, Need)
	v.Text("source", &t.Source, Need)
	v.Text("tokenHash", &t.Hash, Need)
	v.Text("nkey", &t.NKey, Free)
	v.Count("rate", &t.Rate, Need)
	v.Instant("made", &t.Made, Need)
	v.Instant("expires", &t.Expires, Need)
	v.Texts("persons", &t.Persons)
}

// TokenKey returns the key of a token. Names that differ only in case have one key, because
// records contain the name, and an auditor could take Portal and portal for one caller.
func TokenKey(name string) ItemKey { return ItemKey{Kind: TokenItem, ID: foldCase(name)} }

// TokenClaim is the item of a source, hash or NATS key that a token has, so that no second token
// can have it.
type TokenClaim struct{ Token string }

func (c *TokenClaim) item()             {}
func (c *TokenClaim) Members(v Visitor) { v.Text("token", &c.Token, Need) }

// tokenClaims returns the keys of the claims of a token. The owner of each is the member.
func tokenClaims(source, hash, nkey string) []ItemKey {
	claims := []ItemKey{
		{Kind: TokenClaimItem, Owner: "source", ID: foldCase(source)},
		{Kind: TokenClaimItem, Owner: "tokenHash", ID: hash},
	}
	if nkey != "" {
		claims = append(claims, ItemKey{Kind: TokenClaimItem, Owner: "nkey", ID: nkey})
	}
	return claims
}

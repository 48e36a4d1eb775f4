package tokens

import (
	"fmt"
	"time"

	"authledger/domain"
)

// Legacy is a token as older versions stored it in tokens.json.
type Legacy struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Source  string    `json:"source"`
	Persons []string  `json:"persons,omitempty"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Rate    int64     `json:"rate"`
	NKey    string    `json:"nkey,omitempty"`
	Hash    string    `json:"sha256"`
}

// ReadLegacy returns the tokens of a file that an older version wrote. The file need not exist.
func ReadLegacy(path string) ([]Legacy, error) {
	var list []Legacy
	if err := readList(path, &list); err != nil {
		return nil, fmt.Errorf("read the tokens in %s: %w", path, err)
	}
	return list, nil
}

// Command returns the command that admits the holder of the token.
func (l *Legacy) Command() *domain.ConfigTokenAdd {
	return &domain.ConfigTokenAdd{
		Name: l.Name, Role: l.Role, Source: l.Source, TokenHash: l.Hash, NKey: l.NKey, Rate: l.Rate, Expires: l.Expires, Persons: l.Persons,
	}
}

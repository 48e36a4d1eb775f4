package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"authledger/domain"
)

// searchOperations are the operations that a search can lead to.
var searchOperations = slices.Concat(userOperations, accountOperations)

// foundBody is the body of the page of a search that leads to no page or to several pages.
type foundBody struct {
	Links []foundLink
}

type foundLink struct{ Kind, Name, Path string }

// postSearch redirects to the page of the user or the account with the name. The form is posted, and the
// answer does not repeat a name without a page, because persons sometimes type a password
// in place of a name.
func (v *visit) postSearch() error {
	name := strings.TrimSpace(v.r.PostForm.Get("q"))
	user, err := v.Ledger.Names().Pseudonym(name)
	if err != nil {
		return err
	}
	links, err := v.find(user, name)
	if err != nil {
		return err
	}
	if len(links) > 0 {
		if err := v.recordRead("/search?" + url.Values{"q": {user}}.Encode()); err != nil {
			return err
		}
	}
	if len(links) == 1 {
		return &redirect{links[0].Path}
	}
	status := http.StatusOK
	if len(links) == 0 {
		status = http.StatusNotFound
	}
	v.write(status, "found", "found.title", &foundBody{links})
	return nil
}

// find returns the pages of the user and of the account with exactly these names.
func (v *visit) find(user, account string) (links []foundLink, err error) {
	for _, c := range []struct {
		kind, name, path string
		isName           bool
		entity           domain.Entity
	}{
		{"user", user, "/users/", v.badName(user) == nil && v.mayAny(userOperations), domain.UserEntity(user)},
		{"account", account, "/accounts/", domain.WrongID(account) == "" && v.mayAny(accountOperations),
			domain.AccountEntity(account)},
	} {
		if !c.isName {
			continue
		}
		has, err := v.Queries.HasEntity(v.r.Context(), c.entity)
		if err != nil {
			return nil, err
		}
		if has {
			links = append(links, foundLink{c.kind, c.name, c.path + url.PathEscape(c.name)})
		}
	}
	return links, nil
}

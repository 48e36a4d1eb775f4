package console

import (
	"net/http"
	"net/url"
	"strings"

	"authledger/domain"
)

// searchOperations are the operations that a search can lead to.
var searchOperations = userOperations

// foundBody is the body of the page of a search that leads to no page or to several pages.
type foundBody struct {
	Links []foundLink
}

type foundLink struct{ Kind, Name, Path string }

// postSearch redirects to the page of the user with the name. The form is posted, and the
// answer does not repeat a name without a page, because persons sometimes type a password
// in place of a name.
func (v *visit) postSearch() error {
	name := strings.TrimSpace(v.r.PostForm.Get("q"))
	links, err := v.find(name)
	if err != nil {
		return err
	}
	if len(links) > 0 {
		if err := v.recordRead("/search?" + url.Values{"q": {name}}.Encode()); err != nil {
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

// find returns the pages of the users with exactly this name.
func (v *visit) find(name string) (links []foundLink, err error) {
	if v.badName(name) == nil && len(userRoute.operationsOf(v.caller.Role)) > 0 {
		has, err := v.Queries.HasEntity(v.r.Context(), domain.UserEntity(name))
		if err != nil {
			return nil, err
		}
		if has {
			links = append(links, foundLink{"user", name, "/users/" + url.PathEscape(name)})
		}
	}
	return links, nil
}

var userRoute = route{operations: userOperations}

package csvlist

import (
	"time"

	"authledger/domain"
)

// columns collects the names of the columns of an item. Data of the zero value has all members.
type columns struct {
	prefix string
	names  []string
}

func (c *columns) add(name string) { c.names = append(c.names, c.prefix+name) }

func (c *columns) Text(name string, _ *string, _ domain.Form)       { c.add(name) }
func (c *columns) Count(name string, _ *int64, _ domain.Form)       { c.add(name) }
func (c *columns) Flag(name string, _ *bool, _ domain.Form)         { c.add(name) }
func (c *columns) Instant(name string, _ *time.Time, _ domain.Form) { c.add(name) }
func (c *columns) Instants(name string, _ *[]time.Time)             { c.add(name) }
func (c *columns) Texts(name string, _ *[]string)                   { c.add(name) }

func (c *columns) Object(name string, at domain.Data, _ domain.Form) {
	outer := c.prefix
	c.prefix += name + "."
	at.Members(c)
	c.prefix = outer
}

// List adds the columns of the list's items. Their names have no prefix, because an item has one
// list at most.
func (c *columns) List(_ string, of domain.Items) { c.names = append(c.names, columnsOf(of)...) }

// ignored is a visitor without effect.
type ignored struct{}

func (ignored) Text(string, *string, domain.Form)       {}
func (ignored) Count(string, *int64, domain.Form)       {}
func (ignored) Flag(string, *bool, domain.Form)         {}
func (ignored) Instant(string, *time.Time, domain.Form) {}
func (ignored) Instants(string, *[]time.Time)           {}
func (ignored) Texts(string, *[]string)                 {}
func (ignored) Object(string, domain.Data, domain.Form) {}
func (ignored) List(string, domain.Items)               {}

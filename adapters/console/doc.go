// Package console is the web console of a node: pages for support agents, officers, auditors
// and operators. The node serves it at the address of the API, from the path / on.
//
// Each page is rendered on the server from the queries of package queries, and works without
// JavaScript. A page has the rights, the costs and the audit of the operations that it reads,
// from the table in package operations:
//
//	request ─ session ─ charge ─ rights ─ moment ─ charge ─ audit.read ─ queries ─ template
//
// A person acts in three steps: a form, a confirmation with the present state, and the verdict.
// The command has the rights, the source and the name of the session's caller:
//
//	form ─ check of members ─ confirmation with an id ─ submission as by the API ─ verdict
//
// The package decides nothing and loads nothing from another host. It shows no part for which
// the caller has no right, and it repeats no name that is neither a user nor an account, because
// persons sometimes type a password in place of a name.
//
// # Decisions
//
//   - Pages are templates of the standard library, without a build step and without code of
//     third parties in the browser. Given up: pages that change without a request, except the
//     overview.
//   - A person signs in with a token of the API. The browser gets the id of a session in a
//     cookie, never the token. Given up: a sign-in with the accounts of an organisation.
//   - All parts of a page have one position: the page reads the position first, then passes
//     it to each query. Given up: rows of commits that were folded in between.
//   - at and asOf mean the same as in the API. With asOf alone the page is evaluated at the
//     effective time of that record, so that it shows what a person would have seen then.
//   - A request with a session counts as one request before its form, rights and moment are checked,
//     so that requests that fail have a limit. Pages without operations are free, so that a person
//     can sign out while the rate is exceeded.
//   - The overview is sent again as server-sent events of rendered HTML. One audit.read covers
//     a stream, as in the API. Given up: smaller messages.
//   - A live page reads its stream with fetch and connects again by itself, because an EventSource gives up
//     after an answer such as 503 and does not show the status. Given up: the parser of the browser.
//   - During a verification its page loads itself again, after 2 seconds, then 4, up to 60. The first
//     view covers the reloads of the session until the result. Given up: a result on the page within
//     2 seconds of the end.
//   - A request that a browser sends by itself does not renew the idle time of the session: a reload,
//     a stream, an asset, a page loaded in advance. Given up: a session that lasts while a person
//     only watches a page.
//   - The confirmation of an act contains the id of the command. A double click, a reload or a
//     repeated form after a time-out gets the recorded verdict. Given up: a page of the verdict
//     that a browser can load again without a warning about the form.
//   - A what-if goes on after its page is closed, and its result has an address of its own. Its page
//     gets the progress as server-sent events, or loads itself again in a browser without JavaScript.
//     Given up: a what-if that ends when its page is closed, as the one of the command line does.
//   - Explanations of verdicts are the English sentences of package explain, in each language
//     of the console, because they are part of the evidence.
package console

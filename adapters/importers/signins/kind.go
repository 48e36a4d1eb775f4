package signins

// Kind is the reason for which an event was passed over. An import counts the events of each
// kind.
type Kind string

// The kinds of events that are passed over. In the three kinds SessionContinued,
// TokenRenewed and OtherProvider the gateway checked no credential.
const (
	OtherEvent       Kind = "other_event"       // the type is not a sign-in
	Program          Kind = "program"           // the actor is not a user
	Step             Kind = "step"              // one step of a sign-in that another event reports
	SessionContinued Kind = "session_continued" // the session of an earlier sign-in continued
	TokenRenewed     Kind = "token_renewed"     // a client renewed a token without the user
	OtherProvider    Kind = "other_provider"    // another identity provider authenticated the user
	Unnamed          Kind = "unnamed"           // a failure that does not count and has no user name
)

package operations

import "strings"

// Place is the part of a request that contains a parameter.
type Place string

// The places of parameters.
const (
	InPath  Place = "path"
	InQuery Place = "query"
)

// Type is the type of a parameter's value.
type Type int

// The types of parameters.
const (
	Text         Type = iota // any text; the handler of the operation validates it
	Number                   // a whole number from Minimum to Maximum
	RecordNumber             // the number of a record, or the position of a dead letter
	Instant                  // an instant in the format of RFC 3339
	Moment                   // a RecordNumber or an Instant
	Boolean                  // true or false
	Choice                   // one of Choices
	Cursor                   // the member next of a page; see [Values.Next]
	Date                     // a day in the format YYYY-MM-DD
	Amount                   // a decimal number with at most two decimals
)

// Names of the parameters.
const (
	User        = "user"
	Account     = "account"
	Seq         = "seq"
	Position    = "position"
	Name        = "name"
	Deliveries  = "deliveries"
	At          = "at"
	AsOf        = "asOf"
	AtLeast     = "atLeast"
	Limit       = "limit"
	After       = "after"
	From        = "from"
	To          = "to"
	Entity      = "entity"
	RecordType  = "type"
	Follow      = "follow"
	Reveal      = "reveal"
	Purpose     = "purpose"
	ReadSession = "readSession"
	ByBucket    = "buckets"
	Step        = "step"
	Group       = "group"
	Order       = "order"
	Prefix      = "prefix"
	Locked      = "locked"
	HasDevice   = "hasDevice"
	ActiveSince = "activeSince"
	Class       = "class"
	State       = "state"
	Kind        = "kind"
	Day         = "day"
	MinUSD      = "minUsd"
)

// Bounds of parameters.
const (
	LimitDefault    = 100
	LimitMax        = 1000
	PurposeBytesMax = 256
	prefixBytesMax  = 128

	deliveriesBytesMax = 8 << 10 // of the ids in the URL of a request

	numberMax = 1<<63 - 1
)

// Parameter describes one parameter of an operation.
type Parameter struct {
	Name        string
	In          Place
	Type        Type
	Description string
	Example     string // a value that a ledger with the history of the OpenAPI document accepts; "" for a Cursor
	Placeholder string // the value's name on the command line, such as SEQ

	Minimum, Maximum int64  // of a Number or a RecordNumber
	BytesMax         int    // of a Text; 0: bounded by the request
	Default          int64  // of a Number
	DefaultText      string // of a Choice
	Choices          []string

	// StreamOnly reports that the parameter opens a stream. A request over NATS has one
	// answer, so its endpoint does not accept the parameter.
	StreamOnly bool
}

// Flag returns the name of the parameter's flag on the command line: as-of for asOf.
func (p *Parameter) Flag() string {
	var b strings.Builder
	for _, r := range p.Name {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// JSONType returns the type of the parameter's value in JSON Schema.
func (p *Parameter) JSONType() string {
	switch p.Type {
	case Number, RecordNumber:
		return "integer"
	case Boolean:
		return "boolean"
	}
	return "string"
}

// JSONFormat returns the format of the parameter's value in JSON Schema, "" for none.
func (p *Parameter) JSONFormat() string {
	switch p.Type {
	case Instant:
		return "date-time"
	case Date:
		return "date"
	}
	return ""
}

var (
	user    = Parameter{Name: User, In: InPath, Type: Text, Example: "alice", Placeholder: "USER", Description: "Name of the user."}
	account = Parameter{Name: Account, In: InPath, Type: Text, Example: "U1234567", Placeholder: "ACCOUNT", Description: "Number of the account."}
	seq     = Parameter{Name: Seq, In: InPath, Type: RecordNumber, Minimum: 1, Maximum: numberMax, Example: "1", Placeholder: "SEQ",
		Description: "Number of the record."}
	position = Parameter{Name: Position, In: InPath, Type: RecordNumber, Minimum: 1, Maximum: numberMax, Example: "1", Placeholder: "POSITION",
		Description: "Position of the dead letter, as the list of dead letters shows it."}

	webhookName = Parameter{Name: Name, In: InPath, Type: Text, Example: "desk", Placeholder: "NAME", BytesMax: 128,
		Description: "Name of the webhook endpoint."}
	deliveryState = Parameter{Name: State, In: InQuery, Type: Choice, Choices: []string{"pending", "delivered", "failed"}, Example: "failed", Placeholder: "STATE",
		Description: "List only deliveries in this state."}
	deliveries = Parameter{Name: Deliveries, In: InQuery, Type: Text, BytesMax: deliveriesBytesMax, Example: "evt_1", Placeholder: "IDS",
		Description: "Ids of the deliveries, separated by commas, or failed for all failed deliveries. Default: failed."}

	at = Parameter{Name: At, In: InQuery, Type: Instant, Example: "2026-03-02T15:09:00Z", Placeholder: "TIME",
		Description: "Instant at which the answer holds (RFC 3339). Default: now."}
	asOf = Parameter{Name: AsOf, In: InQuery, Type: Moment, Example: "1", Placeholder: "SEQ|TIME",
		Description: "Compute the answer from the log up to this record number or past instant. Default: the whole log."}
	atLeast = Parameter{Name: AtLeast, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "1", Placeholder: "SEQ",
		Description: "Wait for at most 5 s until the answer reflects the record with this number. A client that passes the seq of a verdict gets an answer that reflects its own command."}
	purpose = Parameter{Name: Purpose, In: InQuery, Type: Text, BytesMax: PurposeBytesMax, Example: "complaint 2026-17", Placeholder: "TEXT",
		Description: "Reason of the read. If the ledger records the read, the record contains the reason."}
	reveal = Parameter{Name: Reveal, In: InQuery, Type: Boolean, Example: "false",
		Description: "Show sealed members in clear text. Requires a purpose and the right to reveal. The ledger records the read."}
	limit = Parameter{Name: Limit, In: InQuery, Type: Number, Minimum: 1, Maximum: LimitMax, Default: LimitDefault, Example: "10", Placeholder: "NUMBER",
		Description: "Maximum number of items in the answer."}
	spanLimit = Parameter{Name: Limit, In: InQuery, Type: Number, Minimum: 1, Maximum: LimitMax, Example: "10", Placeholder: "NUMBER",
		Description: "Maximum number of records in the answer. Default: no limit."}
	after = Parameter{Name: After, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "0", Placeholder: "SEQ",
		Description: "Number of the last record of the previous page. The list continues after this record."}
	cursor = Parameter{Name: After, In: InQuery, Type: Cursor, BytesMax: cursorBytesMax, Placeholder: "NEXT",
		Description: "Member next of the previous page. The list continues after that page. The filters and the order must be those of the previous page."}
	order = Parameter{Name: Order, In: InQuery, Type: Choice, Choices: []string{Newest, Oldest}, DefaultText: Newest, Example: Newest, Placeholder: "ORDER",
		Description: "Order of the items: newest first or oldest first. Default: newest."}
	orderOfRecords = Parameter{Name: Order, In: InQuery, Type: Choice, Choices: []string{Newest, Oldest}, DefaultText: Oldest, Example: Newest, Placeholder: "ORDER",
		Description: "Order of the records: newest first or oldest first. Default: oldest."}
	buckets = Parameter{Name: ByBucket, In: InQuery, Type: Boolean, Example: "false",
		Description: "Count only unattributed attempts, grouped by bucket. Each bucket stands for many client addresses."}
	afterWithdrawal = Parameter{Name: After, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "0", Placeholder: "NEXT",
		Description: "Member next of the previous page. The list of withdrawals continues after this position."}
	from = Parameter{Name: From, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "1", Placeholder: "SEQ",
		Description: "Number of the first record. Default: 1."}
	to = Parameter{Name: To, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "3", Placeholder: "SEQ",
		Description: "Number of the last record. Default: the newest record; with follow=true the stream has no end."}
	fromTime = Parameter{Name: From, In: InQuery, Type: Instant, Example: "2026-03-02T15:00:00Z", Placeholder: "TIME",
		Description: "The first bucket begins at or after this instant. Default: limit buckets before to."}
	toTime = Parameter{Name: To, In: InQuery, Type: Instant, Example: "2026-03-02T16:00:00Z", Placeholder: "TIME",
		Description: "The last bucket begins before this instant. Default: at."}
	step = Parameter{Name: Step, In: InQuery, Type: Choice, Choices: []string{"1m", "1h", "1d"}, Example: "1h", Placeholder: "STEP",
		Description: "Length of a bucket: 1m (kept for 48 hours), 1h (kept for 90 days) or 1d (kept for ever). Default: 1h, and 1d with group=class."}
	group = Parameter{Name: Group, In: InQuery, Type: Choice, Choices: []string{"type", "status", "reason", "platform", "source", "event", "class"}, Example: "type", Placeholder: "GROUP",
		Description: "Count the records of each bucket by type, status, reason, platform, source or event. With class, count the withdrawals of each business day by device class, in USD."}
	afterBucket = Parameter{Name: After, In: InQuery, Type: Instant, Example: "2026-03-02T15:00:00Z", Placeholder: "TIME",
		Description: "Member next of the previous page. The list continues after this bucket."}
	entity = Parameter{Name: Entity, In: InQuery, Type: Text, Example: "user/alice", Placeholder: "ENTITY",
		Description: "Return only records of this entity: user/NAME, account/ID, source/BUCKET or system/TOPIC."}
	recordType = Parameter{Name: RecordType, In: InQuery, Type: Text, Example: "login.failed", Placeholder: "TYPE",
		Description: "Return only records in which the command or an event has this type."}
	follow = Parameter{Name: Follow, In: InQuery, Type: Boolean, Example: "false", StreamOnly: true,
		Description: "Answer with a stream of server-sent events that continues with each new record."}
	readSession = Parameter{Name: ReadSession, In: InQuery, Type: RecordNumber, Maximum: numberMax, Example: "11", Placeholder: "SEQ",
		Description: "Number of the read session to continue. The header Read-Session of the session's first answer contains the number. The ledger records only the first request of a session."}
)

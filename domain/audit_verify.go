package domain

const auditVerifyType = "audit.verify"

// VerificationResult is the end of a verification of the log.
type VerificationResult string

// The results of a verification. The names are stored permanently.
const (
	VerificationIntact  VerificationResult = "intact"  // the log, the verdicts and the projections are intact
	VerificationDamaged VerificationResult = "damaged" // the verification found a fault
	VerificationFailed  VerificationResult = "failed"  // the verification could not read the whole log
	VerificationStopped VerificationResult = "stopped" // the caller disconnected, or the node stopped
)

var (
	resultForm = oneOf(string(VerificationIntact), string(VerificationDamaged), string(VerificationFailed), string(VerificationStopped))

	// recordForm and foundForm are the forms of the number of a record.
	recordForm = Form{Need: true, Most: positionMost}
	foundForm  = Form{Most: positionMost}
)

// AuditVerify records the end of a verification that a caller started on a node. Only the
// ledger sends this command. The time of the record is the time of the end.
type AuditVerify struct {
	Verifier string // the name of the authenticated caller
	Role     string
	Result   VerificationResult
	From     int64 // number of the first verified record
	To       int64 // number of the last verified record of an intact log, 0 for another result
	Fault    int64 // number of the record at which the fault is, 0 if unknown or without a fault
}

// NewAuditVerify returns the command that records the end of a verification.
func NewAuditVerify(id string, verification AuditVerify) Command {
	return Command{Source: SystemSource, ID: id, Caller: verification.Verifier, Stamped: true, Data: &verification}
}

func (c *AuditVerify) CommandType() string { return auditVerifyType }
func (c *AuditVerify) Members(v Visitor) {
	v.Text("verifier", &c.Verifier, auditReaderForm)
	v.Text("role", &c.Role, idForm)
	v.Text("result", (*string)(&c.Result), resultForm)
	v.Count("from", &c.From, recordForm)
	v.Count("to", &c.To, foundForm)
	v.Count("fault", &c.Fault, foundForm)
}

func (c *AuditVerify) decide(d *deciding) error {
	if err := d.addSystem(SystemAudit); err != nil {
		return err
	}
	d.accept(&AuditVerified{Result: c.Result, To: c.To})
	return nil
}

// AuditVerified is the event of a recorded verification. It repeats the result and the end of the
// command, because a webhook and a live event contain the event only.
type AuditVerified struct {
	Result VerificationResult
	To     int64
}

func (e *AuditVerified) EventType() string { return "audit.verified" }
func (e *AuditVerified) Members(v Visitor) {
	v.Text("result", (*string)(&e.Result), Need)
	v.Count("to", &e.To, foundForm)
}

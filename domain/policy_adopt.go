package domain

// PolicyAdopt adopts a policy. The policy is in force from the next record.
type PolicyAdopt struct {
	Policy Policy
	By     string
}

func (c *PolicyAdopt) CommandType() string        { return "policy.adopt" }
func (c *PolicyAdopt) onBehalf() (string, string) { return "by", c.By }
func (c *PolicyAdopt) Members(v Visitor) {
	v.Object("policy", &c.Policy, Need)
	v.Text("by", &c.By, idForm)
}

// Check checks the policy, see [Policy.Check].
func (c *PolicyAdopt) Check() *Rejection { return c.Policy.Check() }

func (c *PolicyAdopt) decide(d *deciding) error {
	if taken, ok := d.item(PolicyKey(c.Policy.Version)).(*Policy); ok && !taken.sameNumbers(&c.Policy) {
		d.reject(IDReused, "policy.version: this label was adopted with other numbers: use another label")
		return nil
	}
	if err := d.addSystem(SystemPolicy); err != nil {
		return err
	}
	d.accept(&PolicyAdopted{})
	return nil
}

// PolicyKey returns the key of the policy that was adopted under a label.
func PolicyKey(version string) ItemKey { return ItemKey{Kind: PolicyItem, ID: version} }

func (p *Policy) item() {}

// PolicyAdopted is the event that the policy of the command was adopted.
type PolicyAdopted struct{}

func (e *PolicyAdopted) EventType() string { return "policy.adopted" }
func (e *PolicyAdopted) Members(Visitor)   {}
func (e *PolicyAdopted) causedBy(c CommandData) bool {
	_, ok := c.(*PolicyAdopt)
	return ok
}
func (e *PolicyAdopted) evolve(f *fold) {
	adopted := &f.command.Data.(*PolicyAdopt).Policy
	if k := PolicyKey(adopted.Version); f.item(k) == nil {
		f.add(k, adopted)
	}
}

// Adopted returns the policy that r adopts, nil if r adopts none.
func (r *Record) Adopted() *Policy {
	adopt, ok := r.Command.Data.(*PolicyAdopt)
	if !ok || r.Status != Accepted {
		return nil
	}
	return adopt.Policy.Compiled()
}

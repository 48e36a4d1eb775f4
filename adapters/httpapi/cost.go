package httpapi

import "authledger/domain/operations"

// costEntity is the cost of a query about the records of one entity, in requests of the
// caller's rate. Package operations has the costs of all other queries.
const costEntity = 5

// charge takes the cost of a query from the caller's rate, less the one request that admit
// has already charged. The server charges the caller before it reads rows or records.
func (s *Server) charge(c *call) error {
	cost := c.route.operation.Requests(c.values.Has(operations.AsOf) || c.values.Has(operations.At))
	if c.values.Text(operations.Entity) != "" {
		cost = max(cost, costEntity)
	}
	if cost == 1 {
		return nil
	}
	return limited(s.limits.credential(c.caller, cost-1))
}

package httpapi

import "authledger/domain/operations"

// Costs of queries, in requests of the caller's rate. The server charges the caller before
// it reads anything. The field Cost of [operations.Operation] sets the costs of
// particular operations.
const (
	costPast   = 5 // of a query with at or asOf
	costEntity = 5 // of the records of one entity
)

// charge takes the cost of a query beyond the one request that every call costs.
func (s *Server) charge(c *call) error {
	cost := max(1, c.route.operation.Cost)
	if c.values.Has(operations.AsOf) || c.values.Has(operations.At) {
		cost = max(cost, costPast)
	}
	if c.values.Text(operations.Entity) != "" {
		cost = max(cost, costEntity)
	}
	if cost == 1 {
		return nil
	}
	return limited(s.limits.credential(c.caller, cost-1))
}

package httpapi

import "authledger/domain/operations"

// Costs of queries, in requests of the caller's rate. The server charges the caller before
// it reads rows or records. Operations with a higher cost have it in the field Cost of
// [operations.Operation].
const (
	costPast   = 5 // of a query with at or asOf
	costEntity = 5 // of the records of one entity
)

// charge takes the cost of a query from the caller's rate, less the one request that admit
// has already charged.
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

package queries

import (
	"context"
	"fmt"

	"authledger/domain"
)

// CountMax is the maximum number of devices of one class that [Queries.ActiveDevices] counts.
const CountMax = 1_000_000

// ActiveDevices returns the number of active devices by class, now. It reads a row of each active
// device.
func (q *Queries) ActiveDevices(ctx context.Context) (map[string]int64, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the devices: %w", err)
	}
	defer v.Close()
	counts := v.CountDevices(domain.Active, CountMax)
	if err := v.Err(); err != nil {
		return nil, fmt.Errorf("count the devices: %w", err)
	}
	return counts, nil
}

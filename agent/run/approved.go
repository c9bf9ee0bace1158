package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"regain.example/agent/api"
)

// drivesChanged: the drives are not those of the order.
type drivesChanged struct {
	now           []api.Drive
	gone, unknown []api.DriveID
}

func (e *drivesChanged) Error() string {
	var parts []string
	if len(e.unknown) > 0 {
		parts = append(parts, "not approved: "+join(e.unknown))
	}
	if len(e.gone) > 0 {
		parts = append(parts, "no longer there: "+join(e.gone))
	}
	return "nothing was erased: the drives are not those that were approved; " + strings.Join(parts, "; ")
}

// approved takes stock again and returns the drives of the order by their
// identities.
// The set must be the same: one drive more, one less or one that answers
// otherwise, and the approval does not hold.
func (a *Agent) approved(ctx context.Context, o *api.EraseOrder) (map[api.DriveID]api.Drive, error) {
	inv, err := a.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("nothing was erased: %w", err)
	}
	if len(o.Drives) == 0 {
		return nil, fmt.Errorf("nothing was erased: the order names no drive")
	}
	left := slices.DeleteFunc(slices.Clone(inv.Drives), func(d api.Drive) bool { return d.Excluded != "" })
	changed := &drivesChanged{now: inv.Drives}
	out := map[api.DriveID]api.Drive{}
	for _, want := range o.Drives {
		i := slices.IndexFunc(left, func(d api.Drive) bool { return d.ID() == want.Drive })
		if i < 0 {
			changed.gone = append(changed.gone, want.Drive)
			continue
		}
		out[want.Drive] = left[i]
		left = slices.Delete(left, i, i+1)
	}
	for _, d := range left {
		changed.unknown = append(changed.unknown, d.ID())
	}
	if len(changed.gone)+len(changed.unknown) > 0 {
		return nil, changed
	}
	return out, nil
}

func join(ids []api.DriveID) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = string(id)
	}
	return strings.Join(s, ", ")
}

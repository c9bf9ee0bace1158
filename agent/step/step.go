// Package step is how the steps of the agent tell how far they are.
package step

import (
	"time"

	"regain.example/agent/api"
)

// Reporter is told by a step when its phases begin and end and how far they
// have come. Its methods do not block and may be called from several
// goroutines.
type Reporter interface {
	Began(p api.Phase, drive api.DriveID)
	Ended(p api.Phase, drive api.DriveID, bytes uint64, took time.Duration)
	Progress(p api.DriveProgress)
}

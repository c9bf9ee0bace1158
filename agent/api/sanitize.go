package api

// Sanitize is what was seen of an NVMe Sanitize operation (NVM Express Base
// Specification 2.0, section 5.24 and the Sanitize Status log page, 5.16.1.25).
type Sanitize struct {
	// Arguments is CDW10 as sent; 0 if none was sent because an operation
	// that an earlier boot had started was still under way.
	Arguments uint32 `json:"arguments"`
	// PurgeRequired is set when the drive was asked to meet the purge of IEEE
	// Std 2883 or fail, and did not refuse that.
	PurgeRequired bool `json:"purge_required,omitempty"`
	// Accepted is set when the command was answered with success: the
	// operation had started.
	Accepted bool `json:"accepted"`
	// SeenRunning counts the readings of the log that told of an operation in
	// progress.
	SeenRunning int `json:"seen_running"`
	// Status is SSTAT of the last reading of the log, all 16 bits: bits 2:0
	// are the state, bit 8 is Global Data Erased. Progress is its SPROG, in
	// 65536ths; LogArguments its SCDW10, the CDW10 that the operation was
	// started with.
	Status       uint16 `json:"status"`
	Progress     uint16 `json:"progress"`
	LogArguments uint32 `json:"log_arguments"`
	// Read is set when a reading of the log succeeded at all.
	Read bool `json:"read"`
	// Recovered is set when a failed operation was left by Exit Failure Mode.
	Recovered bool `json:"recovered,omitempty"`
	// LongestStill is the longest time in which the progress did not change,
	// in milliseconds.
	LongestStill int64 `json:"longest_still_ms"`
}

// Sampling counts blocks that were read at places which the controller named
// only after the erasure had been reported complete.
type Sampling struct {
	// SeedSHA256 is the hash of DriveOrder.SampleSeed, in hex.
	SeedSHA256 string `json:"seed_sha256"`
	Plan       Verify `json:"plan"`
	Blocks     int    `json:"blocks"`
	BlockBytes int    `json:"block_bytes"`
	Bytes      uint64 `json:"bytes"` // in all blocks that were read
	Read       int    `json:"read"`
	ReadErrors int    `json:"read_errors"`
	FUA        bool   `json:"fua,omitempty"` // read from the media, past the drive's own cache

	// Each block that was read counts as one of the following. Uniform is a
	// block of one byte value throughout; Random one that no test tells from
	// noise; Pattern what this job wrote there; Other anything else, and
	// after a firmware erasure that is content.
	Uniform int `json:"uniform"`
	Random  int `json:"random"`
	Pattern int `json:"pattern"`
	Other   int `json:"other"`
	// First names places of Other blocks.
	First []Range `json:"first,omitempty"`
}

// Pace is how fast and how hot the work was.
type Pace struct {
	HottestCelsius int   `json:"hottest_celsius"` // 0 if the drive does not tell
	PausedMillis   int64 `json:"paused_ms"`       // waited for the drive to cool
	Pauses         int   `json:"pauses"`
	// SlowestBytesPerSecond is the lowest mean over a whole window of
	// measurement; 0 if the work was shorter than one.
	SlowestBytesPerSecond uint64 `json:"slowest_bps"`
}

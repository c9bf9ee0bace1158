package verdict

import "regain.example/imager"

// Judgement is what the verdict says of one drive. The zero value is unknown.
type Judgement struct {
	Outcome imager.Outcome
	// Level and IEEE are empty unless Outcome is erased; see imager.JobDrive.
	Level imager.Level
	IEEE  string
	// Rule names the row of the table that decided; "erased" if none objected.
	Rule string
	// Proof says what was seen, Reason why the outcome is what it is, Advice
	// what a technician does now; Advice is empty if the drive is erased.
	Proof, Reason, Advice string
	// Destroy is set when the drive is beyond the limits of the profile.
	Destroy bool
}

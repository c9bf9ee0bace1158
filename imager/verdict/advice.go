package verdict

import (
	"fmt"

	"regain.example/agent/api"
)

// remedy says what a technician does about a drive.
type remedy func(api.Drive) string

func again(api.Drive) string {
	return "Power the machine off and on, and approve it again."
}

func lookAndAgain(d api.Drive) string {
	return "Check that nobody changed the drives and that cables sit well. Then " + lower(againThenPull(d))
}

func againThenPull(d api.Drive) string {
	return "Power the machine off and on, and approve it again. If it comes to this again, " + lower(pull(d))
}

func pull(d api.Drive) string {
	return fmt.Sprintf("Pull %s, seal it and declare it withdrawn: it may still hold data.", place(d))
}

func destroy(d api.Drive) string {
	return fmt.Sprintf("Pull %s, seal it and declare it withdrawn: it is to be destroyed.", place(d))
}

// place says where a person finds the drive.
func place(d api.Drive) string {
	switch serial := d.Serial; {
	case d.Bay != "" && serial != "":
		return fmt.Sprintf("the drive in %s (serial %s)", d.Bay, serial)
	case d.Bay != "":
		return "the drive in " + d.Bay
	case serial != "":
		return "the drive with serial " + serial
	case d.Model != "":
		return fmt.Sprintf("the drive %s at %s", d.Model, d.Location)
	}
	return "the drive at " + d.Location
}

func lower(sentence string) string {
	return string(sentence[0]|0x20) + sentence[1:] // ASCII letters only
}

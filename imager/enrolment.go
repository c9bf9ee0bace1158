package imager

// Enrol is how a session that no boot token opened, that of a machine started from
// a stick, comes to be trusted: by the code on its screen (api.Enrolment).
type Enrol struct {
	Nonce []byte `json:"nonce"`
	Proof []byte `json:"proof"` // the agent's
	// Wrong counts the codes in a row that were not the one.
	Wrong int `json:"wrong,omitempty"`
	// Answer is the controller's proof. It is empty until the code was typed.
	Answer []byte `json:"answer,omitempty"`
}

// MaxWrongCodes is how many wrong codes in a row end a session's chance.
const MaxWrongCodes = 5

// State says how far the enrolment is. A nil one needs none.
func (e *Enrol) State() EnrolState {
	switch {
	case e == nil:
		return EnrolNone
	case len(e.Answer) > 0:
		return EnrolDone
	case e.Wrong >= MaxWrongCodes:
		return EnrolClosed
	}
	return EnrolCode
}

// EnrolState is how far the enrolment of a machine started from a stick is.
type EnrolState string

// The states of an enrolment.
const (
	EnrolNone   EnrolState = ""       // the boot server started it
	EnrolCode   EnrolState = "code"   // it waits for the code on its screen
	EnrolDone   EnrolState = "done"   // the code was typed
	EnrolClosed EnrolState = "closed" // too many wrong codes: it must start again
)

package erase

import "regain.example/agent/api"

// before asks the drive for what it says of itself and of its condition. What it
// does not tell is missing in the evidence, or says why.
func (t *Target) before(e *api.DriveEvidence) {
	e.IdentifyBefore = t.identifyData()
	health := t.Facts.Health(t.Drive)
	e.HealthBefore = &health
	e.NativeBytes = t.Facts.NativeBytes(t.Drive)
	t.tells = health.Celsius != nil
}

// after asks the same again, and identifies the drive anew.
func (t *Target) after(e *api.DriveEvidence) {
	if after, err := t.Drives.Identify(t.Drive); err != nil {
		e.AfterError = err.Error()
	} else {
		e.After = &after
	}
	e.IdentifyAfter = t.identifyData()
	health := t.Facts.Health(t.Drive)
	e.HealthAfter = &health
}

func (t *Target) identifyData() *api.Identify {
	data, err := t.Facts.IdentifyData(t.Drive)
	if err != nil || len(data.Controller)+len(data.Namespace)+len(data.ATA) == 0 {
		return nil
	}
	return &data
}

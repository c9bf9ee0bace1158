package metrics

import (
	"slices"
	"strconv"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bootwatch"
	"regain.example/imager/explain"
)

// other takes every value that is not in an enumeration: what a stranger sends
// must not become a label.
const other = "other"

func dhcpMessages() []string {
	return []string{"discover", "offer", "request", "decline", "ack", "nak", "release", "inform", "malformed", "dropped", "withheld", other}
}

func tftpResults() []string { return []string{"ok", "error", "refused"} }

func httpKinds() []string {
	return []string{"script", "kernel", "initramfs", "loader", "image", "agent", "refused", other}
}

func phases() []api.Phase {
	return []api.Phase{
		api.PhaseRegistration, api.PhaseCountdown, api.PhaseErase, api.PhaseVerify, api.PhaseInstall,
		api.PhaseCheck, api.PhasePersonalise, api.PhaseBootEntry, api.PhaseFirstBoot,
	}
}

// withBytes are the phases that work on a drive's bytes.
func withBytes() []api.Phase {
	return []api.Phase{api.PhaseErase, api.PhaseVerify, api.PhaseInstall, api.PhaseCheck}
}

func endStates() []imager.JobState {
	return []imager.JobState{imager.JobDone, imager.JobVoid, imager.JobCancelled, imager.JobQuarantined}
}

func jobStates() []imager.JobState {
	return append([]imager.JobState{
		imager.JobApproved, imager.JobErasing, imager.JobAccepted, imager.JobInstalling,
		imager.JobInstallFailed, imager.JobInstalled,
	}, endStates()...)
}

func methods() []api.Method {
	return []api.Method{
		api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite,
		api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite,
	}
}

// none is the method of a drive to which nothing was done, the level of one that is
// not erased, and the state of a machine without a job.
const none = "none"

func level(l imager.Level) string {
	switch l {
	case "":
		return none
	case imager.LevelClear:
		return "clear"
	case imager.LevelPurge:
		return "purge"
	}
	return other
}

// reaches is the level that a method gives a drive which it erased.
func reaches(m api.Method) imager.Level {
	if explain.Sanitizes(m) {
		return imager.LevelPurge
	}
	return imager.LevelClear
}

func pauses() []api.Pause { return []api.Pause{api.PauseHot, api.PauseSeed, api.PauseOthers} }

func outcomes() []imager.Outcome {
	return []imager.Outcome{imager.OutcomeErased, imager.OutcomeNotErased, imager.OutcomeUnknown}
}

func bootStages() []string { return append(bootwatch.Stages(), other) }

func bootTroubles() []string {
	kinds := []string{other}
	for _, k := range bootwatch.Kinds() {
		kinds = append(kinds, string(k))
	}
	return kinds
}

func clamp(value string, known []string) string {
	if slices.Contains(known, value) {
		return value
	}
	return other
}

// statusClass is "2xx" and so on.
func statusClass(status int) string {
	if status < 100 || status > 599 {
		return other
	}
	return strconv.Itoa(status/100) + "xx"
}

// start gives the counters that somebody may alert on a zero, so that their
// first increase is seen as one.
func (m *Metrics) start() {
	for _, v := range dhcpMessages() {
		m.dhcp.WithLabelValues(v)
	}
	for _, v := range tftpResults() {
		m.tftp.WithLabelValues(v)
	}
	for _, p := range withBytes() {
		m.bytes.WithLabelValues(string(p))
		m.seconds.WithLabelValues(string(p))
	}
	for _, s := range endStates() {
		m.jobs.WithLabelValues(string(s))
	}
	for _, method := range methods() {
		for _, o := range outcomes() {
			m.outcomes.WithLabelValues(string(method), o.String())
			reached := none
			if o == imager.OutcomeErased {
				reached = level(reaches(method))
			}
			m.drives.WithLabelValues(o.String(), reached, string(method))
		}
	}
}

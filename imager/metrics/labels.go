package metrics

import (
	"slices"
	"strconv"

	"regain.example/agent/api"
	"regain.example/imager"
)

// other takes every value that is not in an enumeration: what a stranger sends
// must not become a label.
const other = "other"

func dhcpMessages() []string {
	return []string{"discover", "offer", "request", "decline", "ack", "nak", "release", "inform", other}
}

func tftpResults() []string { return []string{"ok", "error", "refused"} }

func httpKinds() []string {
	return []string{"script", "kernel", "initramfs", "loader", "image", other}
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
	return []api.Method{api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite}
}

func outcomes() []imager.Outcome {
	return []imager.Outcome{imager.OutcomeErased, imager.OutcomeNotErased, imager.OutcomeUnknown}
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
		}
	}
}

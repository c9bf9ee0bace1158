package metrics

// DHCP counts one message received or sent.
func (m *Metrics) DHCP(message string) {
	m.dhcp.WithLabelValues(clamp(message, dhcpMessages())).Inc()
}

// TFTP counts one finished transfer; result is "ok", "error" or "refused".
func (m *Metrics) TFTP(result string, bytes int64) {
	m.tftp.WithLabelValues(clamp(result, tftpResults())).Inc()
	m.tftpBytes.Add(float64(max(bytes, 0)))
}

// HTTP counts one finished request.
func (m *Metrics) HTTP(kind string, status int, bytes int64) {
	kind = clamp(kind, httpKinds())
	m.http.WithLabelValues(kind, statusClass(status)).Inc()
	m.httpBytes.WithLabelValues(kind).Add(float64(max(bytes, 0)))
}

package seed

import "strings"

// validHostname reports whether s is a host name by RFC 1123 section 2.1: labels
// of letters, digits and dashes, up to 63 long, not beginning or ending with a
// dash. The whole is kept to 64, the kernel's limit (hostname(7)).
func validHostname(s string) bool {
	if len(s) > 64 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(c rune) bool { return !alphanumeric(c) && c != '-' }) {
			return false
		}
	}
	return true
}

// validWord reports whether s needs no escaping in YAML's quotes, a URL's path or
// a shell.
func validWord(s string, max int) bool {
	return s != "" && len(s) <= max && !strings.ContainsFunc(s, func(c rune) bool {
		return !alphanumeric(c) && !strings.ContainsRune("._-", c)
	}) && strings.Trim(s, ".") != ""
}

func alphanumeric(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

package account

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minPassword and the classes below are those of the typical requirements in
// ANSSI's outsourcing guide: ten characters or more, with a capital, a digit and
// a special character, not in a dictionary.
const (
	minPassword = 10
	maxPassword = 256 // bytes; bounds the work of hashing
)

// common lists words that passwords are made of, one on each line, lower case.
//
//go:embed common.txt
var common string

// CheckPassword says everything that is wrong with a new password at once.
func CheckPassword(name, password string) error {
	var missing []string
	if n := utf8.RuneCountInString(password); n < minPassword {
		missing = append(missing, fmt.Sprintf("at least %d characters (it has %d)", minPassword, n))
	}
	var capital, digit, special bool
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			capital = true
		case unicode.IsDigit(r):
			digit = true
		case !unicode.IsLetter(r):
			special = true
		}
	}
	for _, class := range []struct {
		has  bool
		name string
	}{{capital, "a capital letter"}, {digit, "a digit"}, {special, "a special character"}} {
		if !class.has {
			missing = append(missing, class.name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: it needs %s", ErrPassword, strings.Join(missing, ", "))
	}
	if len(password) > maxPassword {
		return fmt.Errorf("%w: it is longer than %d bytes", ErrPassword, maxPassword)
	}
	plain := letters(password)
	if n := letters(name); n != "" && strings.Contains(plain, n) {
		return fmt.Errorf("%w: it contains the account's name", ErrPassword)
	}
	for word := range strings.Lines(common) {
		if strings.TrimSpace(word) == plain {
			return fmt.Errorf("%w: without its digits and signs it is a word that everybody tries first; use several words", ErrPassword)
		}
	}
	return nil
}

// letters undoes the usual dressing of a dictionary word ("P@ssw0rd2024!"): signs
// that stand for letters are read as such, everything else but letters is dropped.
func letters(s string) string {
	dressed := strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")
	keep := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	// Digits and signs at both ends are decoration, not letters.
	core := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	return keep(dressed.Replace(core))
}

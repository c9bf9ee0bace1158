package account

import (
	"testing"
	"time"
)

// The reference implementation of argon2 prints this for
//
//	printf password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e
//
// (phc-winner-argon2, test.c: version 0x13, argon2id, t=2, m=2^16, p=1).
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestVerifyReference(t *testing.T) {
	if ok, err := verify(reference, "password"); err != nil || !ok {
		t.Errorf("the reference's own hash: %v, %v", ok, err)
	}
	if ok, err := verify(reference, "Password"); err != nil || ok {
		t.Errorf("another password: %v, %v", ok, err)
	}
}

func TestVerifyDamaged(t *testing.T) {
	for _, phc := range []string{
		"", "$", "plain", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
		"$argon2id$v=19$m=64$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$!",
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	} {
		if ok, err := verify(phc, ""); ok || err == nil {
			t.Errorf("%q: %v, %v; want an error", phc, ok, err)
		}
	}
}

func TestLimiterForgets(t *testing.T) {
	l := newLimiter(time.Now)
	for i := range limitKeys * 2 {
		l.take(string(rune(i)) + "x")
	}
	if n := len(l.keys); n > limitKeys+1 {
		t.Errorf("%d keys are remembered, want at most %d", n, limitKeys)
	}
}

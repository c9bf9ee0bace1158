package supervise

import "io"

// tailBytes is how much of the agent's last words is kept: a panic's message
// and, as the agent runs with GOTRACEBACK=single, one goroutine.
const tailBytes = 8 << 10

// keepTail copies r to w until it ends and returns the end of it.
func keepTail(r io.Reader, w io.Writer) string {
	var t tail
	// An error of the copy ends it as the end of the agent does.
	_, _ = io.Copy(io.MultiWriter(&t, quiet{w}), r)
	return string(t.bytes)
}

// tail keeps the last tailBytes written to it.
type tail struct{ bytes []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - tailBytes; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return len(p), nil
}

// quiet passes on what it can: a console that does not take a line must not
// stop the agent.
type quiet struct{ w io.Writer }

func (q quiet) Write(p []byte) (int, error) {
	_, _ = q.w.Write(p)
	return len(p), nil
}

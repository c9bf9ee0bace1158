package explain

import (
	"fmt"
	"time"

	"regain.example/agent/api"
)

// Attempt is one attempt in words.
type Attempt struct {
	Method   string
	Result   string
	Took     string // "" for an attempt that did not begin
	Commands []Command
	Facts    []Fact
}

// Fact is one thing that was counted, with its name.
type Fact struct{ Name, Text string }

// Command is one command, or several equal ones in a row.
type Command struct {
	Name, Code, Status string
	Times              int
	Took               string // of all of them
}

// Attempts explains all attempts of an erasure.
func Attempts(ev *api.DriveEvidence) []Attempt {
	if ev == nil {
		return nil
	}
	var all []Attempt
	for _, a := range ev.Attempts {
		all = append(all, Attempt{
			Method: Method(a.Method), Result: result(a), Took: took(a.EndedMillis - a.BeganMillis),
			Commands: commands(a.Commands), Facts: facts(a),
		})
	}
	return all
}

func result(a api.Attempt) string {
	switch {
	case a.NotRun != "" && a.Error != "":
		return "not run: " + a.NotRun + "; and it did not complete: " + a.Error
	case a.NotRun != "":
		return "not run: " + a.NotRun
	case a.Error != "":
		return "did not complete: " + a.Error
	}
	return "ran to its end"
}

// commands folds equal commands in a row into one: a log that is polled for
// hours fills no page.
func commands(all []api.Command) []Command {
	var out []Command
	var sum int64
	for i, c := range all {
		if i > 0 && same(all[i-1], c) {
			sum += c.Millis
			last := &out[len(out)-1]
			last.Times++
			last.Took = took(sum)
			continue
		}
		sum = c.Millis
		out = append(out, Command{
			Name: c.Name, Code: fmt.Sprintf("%02Xh, CDW10 %08Xh", c.Opcode, c.Arguments),
			Status: status(c), Times: 1, Took: took(c.Millis),
		})
	}
	return out
}

func same(a, b api.Command) bool {
	a.Millis, b.Millis = 0, 0
	return a == b
}

func status(c api.Command) string {
	var s string
	switch {
	case c.Status == 0:
		s = "success"
	case c.Status < 0:
		s = "no answer"
	default:
		s = fmt.Sprintf("ended with status %03Xh", c.Status)
	}
	if c.Error != "" {
		s += ": " + c.Error
	}
	return s
}

func took(millis int64) string {
	d := time.Duration(millis) * time.Millisecond
	switch {
	case millis <= 0:
		return ""
	case d < time.Second:
		return fmt.Sprintf("%d ms", millis)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

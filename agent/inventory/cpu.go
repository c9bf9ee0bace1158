package inventory

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"regain.example/agent/api"
)

// cpu counts processors by the fields of /proc/cpuinfo on x86: a paragraph for
// each thread, with "physical id" of the socket and "core id" within it.
func (m Machine) cpu() api.CPU {
	b, _ := os.ReadFile(filepath.Join(m.Proc, "cpuinfo"))
	return parseCPUInfo(string(b))
}

func parseCPUInfo(info string) api.CPU {
	var c api.CPU
	sockets, cores := map[string]bool{}, map[string]bool{}
	for _, paragraph := range strings.Split(info, "\n\n") {
		field := map[string]string{}
		for _, line := range strings.Split(paragraph, "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				field[strings.TrimSpace(name)] = strings.TrimSpace(value)
			}
		}
		thread, ok := field["processor"]
		if !ok {
			continue
		}
		c.Threads++
		c.Model = strings.Join(strings.Fields(clean(field["model name"])), " ")
		socket := field["physical id"]
		sockets[socket] = true
		core, told := field["core id"]
		if !told {
			core = "thread " + thread
		}
		cores[socket+"/"+core] = true
	}
	c.Sockets, c.Cores = len(sockets), len(cores)
	return c
}

// memory returns MemTotal of /proc/meminfo, in bytes.
func (m Machine) memory() uint64 {
	b, _ := os.ReadFile(filepath.Join(m.Proc, "meminfo"))
	for _, line := range strings.Split(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

package vbench

import (
	"encoding/json"
	"fmt"
	"net"
	"time"
)

// control is a connection to QEMU's control socket (QEMU Machine Protocol
// specification, docs/interop/qmp-spec in QEMU's sources).
type control struct {
	conn net.Conn
	dec  *json.Decoder
}

func (m *Machine) control() (*control, error) {
	conn, err := net.DialTimeout("unix", m.socket(), time.Second)
	if err != nil {
		return nil, err
	}
	c := &control{conn: conn, dec: json.NewDecoder(conn)}
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	var greeting struct{ QMP json.RawMessage }
	if err := c.dec.Decode(&greeting); err != nil {
		conn.Close()
		return nil, fmt.Errorf("read QEMU's greeting: %w", err)
	}
	if err := c.execute("qmp_capabilities", nil); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *control) Close() error { return c.conn.Close() }

// execute runs one command and waits for its end.
func (c *control) execute(name string, arguments any) error {
	request := map[string]any{"execute": name}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(c.conn).Encode(request); err != nil {
		return fmt.Errorf("QEMU command %s: %w", name, err)
	}
	for {
		var reply struct {
			Event  string          `json:"event"`
			Return json.RawMessage `json:"return"`
			Error  *struct {
				Desc string `json:"desc"`
			} `json:"error"`
		}
		if err := c.dec.Decode(&reply); err != nil {
			return fmt.Errorf("QEMU command %s: %w", name, err)
		}
		switch {
		case reply.Error != nil:
			return fmt.Errorf("QEMU command %s: %s", name, reply.Error.Desc)
		case reply.Event == "":
			return nil
		}
	}
}

// command runs one command on a machine that is on.
func (m *Machine) command(name string, arguments any) error {
	if !m.On() {
		return fmt.Errorf("%s: %w: it is off", m.cfg.Name, ErrPower)
	}
	c, err := m.control()
	if err != nil {
		return fmt.Errorf("%s: %w", m.cfg.Name, err)
	}
	defer c.Close()
	if err := c.execute(name, arguments); err != nil {
		return fmt.Errorf("%s: %w", m.cfg.Name, err)
	}
	return nil
}

// Screenshot saves what the machine's own screen shows, as PNG.
func (m *Machine) Screenshot(path string) error {
	return m.command("screendump", map[string]any{"filename": path, "format": "png"})
}

// Key presses a key, by QEMU's name for it (such as "esc").
func (m *Machine) Key(name string) error {
	key := map[string]any{"type": "qcode", "data": name}
	return m.command("send-key", map[string]any{"keys": []any{key}})
}

// PullDrive takes drive number n out of the running machine. NVMe and SCSI only.
func (m *Machine) PullDrive(n int) error {
	id := fmt.Sprintf("drive%ddev", n)
	if m.cfg.Drives[n].Bus == NVMe {
		id = fmt.Sprintf("nvme%d", n)
	}
	return m.command("device_del", map[string]any{"id": id})
}

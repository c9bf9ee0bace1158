package tftp

import "sync"

// depth is how many packets may be ready or under way: four of the largest
// windows, so that the library is woken once for many packets.
const depth = 4 * maxWindow

// queue holds the packets of one transfer, from the moment in which the library
// has made them until the client has acknowledged them. Packets are numbered
// from 0.
type queue struct {
	mu   sync.Mutex
	room sync.Cond // what answer waits for
	more sync.Cond // what at waits for

	slots  [depth][]byte // packet n is at n%depth
	made   int           // the packets that the library has made
	freed  int           // those of them that the client has
	bytes  int64         // of the file, in those freed
	last   [4]byte       // the head of the packet made last
	due    bool          // the library awaits its answer
	closed bool          // the library makes no more
	ended  bool          // the library wants its reading loop to end
	broken bool          // the client gets no more
}

func newQueue() *queue {
	q := &queue{}
	q.room.L, q.more.L = &q.mu, &q.mu
	return q
}

// put takes a packet from the library. There is room for it: answer sees to that.
// One that the library repeats by its own clock is in the queue already.
func (q *queue) put(p []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	head := [4]byte(p)
	if q.made > 0 && head == q.last || q.made-q.freed == depth {
		return
	}
	q.last, q.due = head, head[1] != opError
	q.room.Signal()
	if q.broken {
		return
	}
	slot := &q.slots[q.made%depth]
	*slot = append((*slot)[:0], p...)
	q.made++
	q.more.Signal()
}

// answer waits until the library may have the answer to its last packet, and
// writes it to b. It returns 0 when the library wants its reading loop to end.
func (q *queue) answer(b []byte) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.ended && !(q.due && (q.broken || q.made-q.freed < depth)) {
		q.room.Wait()
	}
	if q.ended {
		return 0
	}
	q.due = false
	switch {
	case q.broken:
		return copy(b, "\x00\x05\x00\x00given up\x00") // RFC 1350 figure 5-4
	case q.last[1] == opOAck:
		return copy(b, []byte{0, opAck, 0, 0}) // RFC 2347
	}
	return copy(b, []byte{0, opAck, q.last[2], q.last[3]})
}

// at waits for packet n and returns it; nil if the library made fewer. Those
// before base are let go of if it has to wait.
func (q *queue) at(n, base int) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.made <= n {
		if q.closed {
			return nil
		}
		q.release(base)
		q.room.Signal()
		q.more.Wait()
	}
	return q.slots[n%depth]
}

// free lets go of the packets before base. The library goes on when half of the
// queue is empty, not for each packet: waking it costs more than a packet.
func (q *queue) free(base int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(base)
	if q.made-q.freed <= depth/2 {
		q.room.Signal()
	}
}

func (q *queue) release(base int) {
	for ; q.freed < base; q.freed++ {
		if p := q.slots[q.freed%depth]; p[1] == opData {
			q.bytes += int64(len(p) - 4)
		}
	}
}

// taken is how many bytes of the file the client has.
func (q *queue) taken() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// close says that the library makes no more packets.
func (q *queue) close() { q.set(&q.closed) }

// end lets answer return 0.
func (q *queue) end() { q.set(&q.ended) }

// abandon says that the client gets no more packets: the library has an error
// for an answer.
func (q *queue) abandon() { q.set(&q.broken) }

func (q *queue) set(flag *bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*flag = true
	q.room.Signal()
	q.more.Signal()
}

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// Between two looks at the processes. A look takes about 6 ms.
const memoryInterval = 50 * time.Millisecond

// watchMemory looks at a process and its descendants again and again, until peak is called. peak is the most that they
// had in memory together, in bytes; what they share counts for each.
//
// The kernel's own peak (ru_maxrss) is of the largest process only, and the three of a run are large at the same time.
// ps tells about processes on Linux and macOS alike.
func watchMemory(pid int) (peak func() (int64, error)) {
	type result struct {
		bytes int64
		err   error
	}
	stop, done := make(chan struct{}), make(chan result)
	go func() {
		tick := time.NewTicker(memoryInterval)
		defer tick.Stop()
		var most result
		for {
			table, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "rss=").Output()
			if err != nil {
				most.err = fmt.Errorf("memory is measured with ps (Debian: apt-get install procps): %w", err)
			}
			most.bytes = max(most.bytes, residentTree(table, pid))
			select {
			case <-stop:
				done <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() (int64, error) {
		close(stop)
		most := <-done
		return most.bytes, most.err
	}
}

// residentTree adds up the resident memory, in bytes, of a process and its descendants. table is of ps: lines of pid,
// parent's pid and KiB.
func residentTree(table []byte, pid int) int64 {
	resident, children := map[int]int64{}, map[int][]int{}
	for line := range bytes.Lines(table) {
		var process, parent int
		var kibibytes int64
		if _, err := fmt.Sscan(string(line), &process, &parent, &kibibytes); err != nil {
			continue // the last line of a ps that was cut off
		}
		resident[process] = kibibytes << 10
		children[parent] = append(children[parent], process)
	}
	var sum func(int) int64
	sum = func(process int) int64 {
		total := resident[process]
		for _, child := range children[process] {
			total += sum(child)
		}
		return total
	}
	return sum(pid)
}

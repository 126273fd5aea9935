package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// fsyncTime is how long the disk under dir takes to keep 4 KB.
func fsyncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 4096)
	const n = 200
	began := time.Now()
	for range n {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / n, nil
}

// serveBare answers every request with the page of a file, gzipped: the same
// stack without the product. It prints its address and runs until it is killed.
func serveBare(file string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("ready: http://" + l.Addr().String())
	return http.Serve(l, wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})))
}

// memory is what the system says a process holds: now and at most, in MB.
func memory(pid int) (now, most float64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0 // not Linux: the caller prints "not measured"
	}
	read := func(name string) float64 {
		_, rest, ok := strings.Cut(string(b), name+":")
		if !ok {
			return 0
		}
		kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		return kb / 1024
	}
	return read("VmRSS"), read("VmHWM")
}

// processorTime is what a process has used of the processors; 0 where the
// system does not say. It tells more than the clock when others work beside us.
func processorTime(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ") // the name before it may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
}

// each is the share of one in n of a time.
func each(took time.Duration, n int) string { return ms(took / time.Duration(max(1, n))) }

// machineLoad is how many tasks wanted a processor in the last minute.
func machineLoad() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not measured"
	}
	minute, _, _ := strings.Cut(string(b), " ")
	return minute
}

package main

import (
	"context"
	"math/rand"
	"net/http"
	"sync"
	"time"
)

// An itemCache holds items of 4 to 16 KiB by their keys, at most bound bytes of them; the oldest make room.
type itemCache struct {
	mu          sync.Mutex
	bound, held int
	items       map[int][]byte
	// keys are in the order in which they came.
	keys []int
}

const (
	leastItem = 4 << 10
	mostItem  = 16 << 10
	itemKiB   = (leastItem + mostItem) / 2 >> 10
)

func newItemCache(bound int) *itemCache {
	return &itemCache{bound: bound, items: map[int][]byte{}}
}

// put replaces the key's item, and drops the oldest others until it fits. An item over the bound is not kept.
func (c *itemCache) put(key int, item []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(item) > c.bound {
		return
	}
	old, known := c.items[key]
	c.held -= len(old)
	c.items[key] = nil
	if !known {
		c.keys = append(c.keys, key)
	}
	for c.held+len(item) > c.bound {
		oldest := c.keys[0]
		c.keys = c.keys[1:]
		if oldest == key {
			c.keys = append(c.keys, key)
			continue
		}
		c.held -= len(c.items[oldest])
		delete(c.items, oldest)
	}
	c.items[key] = item
	c.held += len(item)
}

// get is nil where the key has no item.
func (c *itemCache) get(key int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.items[key]
}

// any is one of the items, each as likely, and nil where there is none.
func (c *itemCache) any() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) == 0 {
		return nil
	}
	return c.items[c.keys[rand.Intn(len(c.keys))]]
}

// allow sets a bound that is not below what is held.
func (c *itemCache) allow(bound int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bound = max(bound, c.held)
}

// full is whether the greatest item would need room.
func (c *itemCache) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held+mostItem > c.bound
}

// fill puts new items at perSecond MiB a second until the cache is full, and is false where ctx ended first.
func (c *itemCache) fill(ctx context.Context, perSecond float64) bool {
	limiter := pace(itemsIn(perSecond))
	for !c.full() {
		if limiter.Wait(ctx) != nil {
			return false
		}
		c.put(rand.Int(), loadItem())
	}
	return true
}

// refresh puts new items for the oldest at perSecond MiB a second until ctx ends.
func (c *itemCache) refresh(ctx context.Context, perSecond float64) {
	limiter := pace(itemsIn(perSecond))
	for limiter.Wait(ctx) == nil {
		c.put(rand.Int(), loadItem())
	}
}

func itemsIn(mib float64) float64 { return mib * 1024 / itemKiB }

// loadItem makes an item, and twice as much garbage, as decoding it does.
func loadItem() []byte {
	item := written(leastItem + rand.Intn(mostItem-leastItem+1))
	trace(decode(2 * len(item)))
	return item
}

// decode gives the last of as many records of 1 KiB as the bytes hold; the others are garbage as soon as it returns.
func decode(bytes int) []byte {
	records := make([][]byte, max(1, bytes>>10))
	for i := range records {
		records[i] = written(1 << 10)
	}
	return records[len(records)-1]
}

// Requests enough that a GC cycle comes every half minute at least, and so few that they cost 2 to 3 % of a core.
const itemRequests = 40

// serveItems answers its own steady requests to /items from the cache until ctx ends, each within 20 to 200 ms and with
// 32 to 96 KiB of garbage.
func serveItems(ctx context.Context, cfg config, cache *itemCache) error {
	cfg.Mux.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		item := cache.any()
		record := decode(32<<10 + rand.Intn(64<<10))
		if wait(r.Context(), between(20*time.Millisecond, 200*time.Millisecond)) {
			_, _ = w.Write(record)
			_, _ = w.Write(item)
		}
	})
	return request(ctx, cfg.URL+"/items", itemRequests, 100)
}

// serveFilled serves items from a cache of cfg.Max MiB: it fills in less than half a minute, and then cfg.Rate MiB
// a second of it are replaced.
func serveFilled(ctx context.Context, cfg config) error {
	cache := newItemCache(cfg.Max << 20)
	go func() {
		if cache.fill(ctx, max(cfg.Rate, float64(cfg.Max)/25)) {
			cache.refresh(ctx, cfg.Rate)
		}
	}()
	return serveItems(ctx, cfg, cache)
}

package main

import (
	"context"
	"math/rand"
	"net/http"
	"sync"
	"time"
)

var cacheWarmUp = scenario{
	Name: "cache-warm-up",
	Does: "Looks up the rate's MiB of items each second, a few popular and most rarely wanted, and keeps in a bounded cache each that it had to load.",
	Look: "Memory grows fast at first and ever more slowly until nearly all items are cached, and then stays.",
	Unit: "MiB",
	Rate: 1.5,
	Max:  70,
	Run:  runCacheWarmUp,
}

// A page shows this many items.
const itemsOfPage = 10

func runCacheWarmUp(ctx context.Context, cfg config) error {
	shop := newShop(cfg.Max)
	cfg.Mux.HandleFunc("/pages", func(w http.ResponseWriter, r *http.Request) {
		for range itemsOfPage {
			_, _ = w.Write(shop.visit()[:leastItem/itemsOfPage])
		}
		wait(r.Context(), between(20*time.Millisecond, 200*time.Millisecond))
	})
	return request(ctx, cfg.URL+"/pages", itemsIn(cfg.Rate)/itemsOfPage, 100)
}

// A shop has as many items as its cache holds.
type shop struct {
	cache      *itemCache
	mu         sync.Mutex
	popularity *rand.Zipf
}

func newShop(mib int) *shop {
	items := max(1, uint64(itemsIn(float64(mib))))
	// The nth item is wanted about 1/n as often as the first, the law of words, web pages and shops.
	zipf := rand.NewZipf(rand.New(rand.NewSource(rand.Int63())), 1.01, 1, items-1)
	return &shop{cache: newItemCache(mib << 20), popularity: zipf}
}

// visit is the item that someone wants, loaded where it was not cached.
func (s *shop) visit() []byte {
	s.mu.Lock()
	key := int(s.popularity.Uint64())
	s.mu.Unlock()
	item := s.cache.get(key)
	if item == nil {
		item = loadItem()
		s.cache.put(key, item)
	}
	return item
}

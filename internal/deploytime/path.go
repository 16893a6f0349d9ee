package deploytime

import (
	"slices"
	"time"
)

// criticalPath is how long everything takes when each begins as soon as it can, and the resources that decide it; of two that take as long,
// the first by URN, as the state has them in the order in which they happened to be made.
func criticalPath(made []*Resource, waits edges, took func(*Resource) time.Duration) (total time.Duration, path []Step) {
	ends := map[*Resource]time.Duration{}
	last := map[*Resource]*Resource{} // what each waited for longest
	var end func(*Resource) time.Duration
	end = func(r *Resource) time.Duration {
		if known, ok := ends[r]; ok {
			return known
		}
		begin := time.Duration(0)
		for _, on := range waits[r] {
			if at := end(on); at > begin || at == begin && at > 0 && on.URN < last[r].URN {
				begin, last[r] = at, on
			}
		}
		ends[r] = begin + took(r)
		return ends[r]
	}
	var final *Resource
	for _, r := range made {
		if at := end(r); at > total || at == total && at > 0 && r.URN < final.URN {
			total, final = at, r
		}
	}
	for r := final; r != nil; r = last[r] {
		if took(r) > 0 {
			path = append(path, Step{r, ends[r] - took(r), took(r), ends[r]})
		}
	}
	slices.Reverse(path)
	return total, path
}

package cost

import "strconv"

// number is a number without needless zeros.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// count is a number of things, such as 2 zones.
func count(n float64, one, many string) factor {
	if n == 1 {
		return factor{n, "1 " + one}
	}
	return factor{n, number(n) + " " + many}
}

// dollars is a price. Prices by the hour need allMonth beside them.
func dollars(price float64) factor {
	text := number(price)
	if cents := strconv.FormatFloat(price, 'f', 2, 64); len(text) < len(cents) {
		text = cents
	}
	return factor{price, "$" + text}
}

var allMonth = factor{hours, strconv.Itoa(hours) + " h"}

// monthly is the item of what costs the same every month.
func monthly(what string, factors ...factor) []item { return []item{{what, factors}} }

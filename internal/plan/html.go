package plan

import (
	_ "embed"
	"html/template"
	"io"

	"slipway/internal/compare/report"
)

//go:embed summary.html
var page string

// The page is opened where nothing else can be loaded: styles are in it, and there is no script.
var pageTemplate = template.Must(template.New("summary").Funcs(template.FuncMap{"short": report.Short, "loses": losesData}).Parse(page))

// WriteHTML writes the summary as one page that stands alone.
func (s Summary) WriteHTML(w io.Writer) error { return pageTemplate.Execute(w, s) }

// losesData tells whether what is in the resource goes with it.
func losesData(list report.List, r report.Resource) bool { return list.Loses && r.HoldsData }

// DataLoss is how many resources that hold data are replaced or deleted.
func (s Summary) DataLoss() (count int) {
	for _, list := range s.Lists() {
		for _, r := range list.Resources {
			if losesData(list, r) {
				count++
			}
		}
	}
	return count
}

package org

// Industry is a division of the Japan Standard Industrial Classification
// (日本標準産業分類), "A" to "T"; "" is not told.
type Industry string

// Industries are the divisions in their order.
// keys: org.industry.*
var Industries = []Industry{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T"}

// Trade is how the SME Basic Act sees a business (中小企業基本法 2条).
type Trade string

// The four trades of the Act. Other is manufacturing, construction, transport
// and whatever the Act names in none of the others.
const (
	TradeOther     Trade = "other"
	TradeWholesale Trade = "wholesale"
	TradeRetail    Trade = "retail"
	TradeServices  Trade = "services"
)

// Trades are the trades in the order of the Act.
// keys: org.trade.*
var Trades = []Trade{TradeOther, TradeWholesale, TradeServices, TradeRetail}

// tradesOf lists the trades that a division can fall under. Where it is more than
// one, the company says which: restaurants count as retail and inns as services,
// telephone as other and software as services, letting of land as other and of
// goods as services. The Act sees no trade in S, the public service. Two small
// classes are left out: travel agents (other) and car parks (services).
var tradesOf = map[Industry][]Trade{
	"A": {TradeOther}, "B": {TradeOther}, "C": {TradeOther}, "D": {TradeOther}, "E": {TradeOther}, "F": {TradeOther},
	"G": {TradeOther, TradeServices}, "H": {TradeOther}, "I": {TradeWholesale, TradeRetail}, "J": {TradeOther},
	"K": {TradeOther, TradeServices}, "L": {TradeServices}, "M": {TradeRetail, TradeServices}, "N": {TradeServices},
	"O": {TradeServices}, "P": {TradeServices}, "Q": {TradeServices}, "R": {TradeServices}, "S": {}, "T": {TradeOther},
}

// Known says that the division exists.
func (i Industry) Known() bool { _, ok := tradesOf[i]; return ok }

// Trades are those that the division can fall under; the company has to choose
// when there is more than one.
func (i Industry) Trades() []Trade { return tradesOf[i] }

// tradeIn is the trade of a company in a division that chose chosen, or "" when
// it has yet to choose.
func tradeIn(i Industry, chosen Trade) Trade {
	all := i.Trades()
	if len(all) == 1 {
		return all[0]
	}
	for _, t := range all {
		if t == chosen {
			return t
		}
	}
	return ""
}

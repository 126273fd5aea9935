package org

// Size is the class of a company by the SME Basic Act (中小企業基本法 2条).
type Size string

// The classes. Small (小規模) is part of SME (中小).
const (
	SizeSmall   Size = "small"
	SizeSME     Size = "sme"
	SizeLarge   Size = "large"
	SizeUnknown Size = "unknown"
)

// Why says on what a class rests, or what is missing to tell it.
type Why string

// The reasons.
const (
	WhyStaff          Why = "staff"           // few enough people
	WhyCapital        Why = "capital"         // little enough capital
	WhyBoth           Why = "both"            // more people and more capital than an SME has
	WhyStaffMissing   Why = "staff-missing"   // the number of people decides
	WhyCapitalMissing Why = "capital-missing" // the capital decides
	WhyTradeMissing   Why = "trade-missing"   // the trade decides
	WhyOutside        Why = "outside"         // the Act speaks of companies and of persons in business
)

type limits struct {
	capitalYen   int64
	staff, small int64 // regular staff (常時使用する従業員)
}

// limitsOf is article 2, paragraphs 1 and 5, of the Act.
var limitsOf = map[Trade]limits{
	TradeOther:     {300_000_000, 300, 20},
	TradeWholesale: {100_000_000, 100, 5},
	TradeServices:  {50_000_000, 100, 5},
	TradeRetail:    {50_000_000, 50, 5},
}

// SizeOf tells the class of a business. Either condition makes an SME; for a
// sole proprietor, who has no capital, the people alone count. nil is not told.
func SizeOf(kind Kind, industry Industry, chosen Trade, staff, capitalYen *int64) (Size, Why) {
	if kind == KindOther || industry.Known() && len(industry.Trades()) == 0 {
		return SizeUnknown, WhyOutside
	}
	limit, ok := limitsOf[tradeIn(industry, chosen)]
	if !ok {
		return SizeUnknown, WhyTradeMissing
	}
	if kind == KindSoleProprietor {
		capitalYen = nil
	}
	switch {
	case staff != nil && *staff <= limit.small:
		return SizeSmall, WhyStaff
	case staff != nil && *staff <= limit.staff:
		return SizeSME, WhyStaff
	case capitalYen != nil && *capitalYen <= limit.capitalYen:
		return SizeSME, WhyCapital
	case staff == nil:
		return SizeUnknown, WhyStaffMissing
	case capitalYen == nil && kind == KindCompany:
		return SizeUnknown, WhyCapitalMissing
	}
	return SizeLarge, WhyBoth
}

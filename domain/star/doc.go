// Package star says how far a company is on the way to a star that somebody else
// gives, and keeps the official number that came back.
//
// Words: ★ and ★★ are the stars of SECURITY ACTION, declared in IPA's own system
// (自己宣言, never more than that); ★3 is applied for with IPA under the SCS scheme.
// A Declaration is what the scheme gave back, as the company entered it: a 自己宣言ID,
// or a registration of ★3. Seen is a day on which somebody of the company looked it
// up in the official list. A Guide is the answers to the three questions that tell
// which star a buyer may ask for. Pace is how fast evidence has grown. An Action is
// one thing to do, chosen by the risk it removes and the criteria it moves for the
// time it takes.
//
// Rules: without an ID a company is ready, never declared. What was seen in a list is
// said with its day, never as still so. A number that ends (corrected, followed by
// another, stopped) is kept as history and ended again after a restore. Preparing is
// said in counts, never as a percentage, a level or something like a star. A preview
// is never ready. Unknown and unanswered are never "no". Pace is no promise and no
// date. Nothing is done by a tick: evidence moves a criterion. Facts of the schemes
// that may change are content with source and day (content/stars).
//
// Neighbours: db, journal, web, problem, i18n, ui, assess. The published policy, what
// a specialist confirmed, and the company's own data come in as functions.
//
// It declares nothing, applies for nothing, draws no logo, and shows nobody's number
// to another company.
package star

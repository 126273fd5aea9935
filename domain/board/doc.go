// Package board shows the executives where the company stands, on one page.
//
// Words: a Level is the maturity of one of the ten items of the executive guideline, 1
// to 5; 0 is not assessed. A goal is the level that the owner wants. The Profile puts a
// company into a risk group (I asks most, III least). The deviation value (偏差値) is
// (score − mean of the group) / standard deviation × 10 + 50. A Result is the levels of
// a day, kept on demand: the latest and at most four before it.
//
// Rules: unknown lowers nothing: it has no level, the drawing has a gap there, and there
// is no deviation value before all ten are assessed. What the company says, what
// evidence shows and what a third party examined stand side by side, never blended.
// Numbers about others come from releases of internal/count alone and are about so much;
// only results that were kept, of companies that consent and are bound, are counted.
// The page for the board fits one sheet of A4. A manager of several companies sees them
// side by side: each he could open himself, and no token does it.
//
// The method follows the documented benchmark of IPA; the classes of the profile, the
// limits of the groups and the levels wanted at first are our own.
//
// Neighbours: db, journal, web, i18n, ui, pdf, count, assess. What is to be decided and
// declared, and which companies are whose, come in as functions.
//
// It asks no questions of its own: levels are answers in assess.
package board

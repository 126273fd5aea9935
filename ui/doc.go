// Package ui draws every page of Minamori from one small set of parts.
//
// Words: a Frame is what the web layer knows about a request (path, caller,
// organisation); a Page is what one page says about itself; the Shell puts both
// around the content. A part is a templ component fed by a View struct. Words
// are texts that may carry readings. An asset is a file served under a name that
// holds its digest, so that it can be cached for ever.
//
// Rules: a state is shown by shape and word, colour comes last. Every part works
// without JavaScript, without a style attribute and without an inline script,
// because the content security policy refuses both. Every text passes through
// i18n, so that readings reach the page as ruby. One filled button per screen.
// Charts write their numbers into the drawing and have a table or a sentence
// with the same content beside them.
//
// Neighbours: internal/i18n gives the texts, internal/problem what to mend; the
// rooms use the parts. Samples lists every part with sample data for the gallery and tests.
//
// It does not know any room, read a database, or decide who may see what.
package ui

// Package mapping lets one answer serve every framework that asks the same.
//
// Words: a Map (対応表) says how the items of one pack relate to those of another,
// read from content/mappings. A Row is one such relation, with its strength. A
// Path is one or two rows from an item that the company answered (the origin) to
// one that it is read for (the target). Projected is what an item would be by the
// answers elsewhere; applying it makes it an answer. Moving takes the answers of
// one edition of a framework to the next.
//
// Rules: a path is as good as its weakest row; what covers only a part makes the
// end "partly" at most, and several parts never add up to a whole. Only what the
// company answered itself counts, never what a pack in between would come to.
// "Not met", "unknown" and "not applicable" there say nothing here. What a machine
// suggested is a hint and raises nothing. Evidence serves another item only along
// a path that covers it whole, and in a form that the item asks for. Nothing is
// applied that was not seen in a preview, and an answer of the company's own stays
// unless somebody ticks it. A value from elsewhere says where it is from, and
// shows when what it was made from has changed.
//
// Neighbours: db, journal, web, i18n, ui, assess.
//
// It does not answer anything by itself and it knows no scheme: relations are
// content, and our own reading unless a map says otherwise.
package mapping

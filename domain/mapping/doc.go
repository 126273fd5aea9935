// Package mapping lets one answer serve every framework that asks the same.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package mapping

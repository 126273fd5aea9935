// The pages of the ways to a star, for the tour: who sees which.
const of = (room, ...paths) => paths.map((path) => room + path);
const star3 = "scs-star3-2026", star4 = "scs-star4-2026", diagnosis = "self-diagnosis-25", articles = "security-action-articles-5";

// reading is what everybody in a company sees.
const reading = [
  ...of("/stars", "", "/security-action", "/sheet", "/star3", "/star4", `/next/${diagnosis}`, `/next/${star3}`, `/next/${star3}?order=fast`, `/letters/${star3}/4-1-2`),
  "/policies",
  ...of("/records", "", "/ledgers/devices", "/ledgers/networks", "/duties", "/duties/training", "/duties/restore-drill", "/requests"),
  ...of("/mapped", "", `/${star3}`, `/${star4}`, `/${star3}/items/4-1-5-2`),
  ...of("/frameworks", "", `/${star3}`, `/${star3}/items/1-3-1-1`, `/${star3}/items/1-3-1-1/comments`),
  "/evidence", "/snapshots", "/plan", "/board", "/board/paper",
];
const writing = ["/stars/guide", ...of("/records", "/ledgers/devices/new", "/forms/change"), `/plan/new?pack=${diagnosis}&item=2`, "/plan/calendars", "/plan/calendars/new", "/exchange", "/proposals"];
const leading = [...of("/stars", "/declarations/new", "/registrations/new"), "/records/forms/change/paper", "/snapshots/new", "/board/profile", "/board/sites"];
const another = of("/mapped", "", `/${star3}`, `/${articles}/move`);
const undeclared = ["/stars", "/stars/security-action", "/stars/sheet", "/stars/star3", "/policies", "/records", "/evidence", "/snapshots", "/plan", "/board"];

// below is what has a name of its own: up to two of each list, and what hangs from it.
export const below = [
  { list: "policies", links: "a[href*='/policies/']", pages: ["/versions/1", "/versions/1/changes", "/versions/1/poster"] },
  { list: "records/ledgers/devices", links: "tbody a[href*='/rows/']", pages: [] },
  { list: "records/duties/training", links: "a[href*='/done/']:not([href$=file])", pages: [] },
  { list: "records/requests", links: "tbody a[href*='/requests/']", pages: [] },
  { list: "stars/security-action", links: "a[href$='/seen']", pages: [] },
  { list: "stars/security-action", links: "a[href$='/stop']", pages: [] },
  { list: "evidence", links: "#all a[href*='/evidence/'], section a[href*='/evidence/']", pages: [] },
  { list: "plan", links: "tbody a", pages: [] },
  { list: "snapshots", links: "tbody a", pages: ["/print", "/compare", "/withdraw", "/specialists/new"], owner: ["/erase"] },
  { list: "exchange", links: "a[href*='/intakes/']", pages: [] },
  { list: "exchange", links: "a[href*='/layouts/']", pages: ["/remove"] },
];

// Walks marked "more" are for the night (--thorough): the same pages in further
// registers and widths.
export const starWalks = [
  { lang: "ja", who: "owner", width: 1280, pages: [...reading, ...writing, ...leading, "/board/goals"], own: [], below: "owner" },
  { lang: "easy", who: "manager", width: 390, pages: [...reading, ...writing, ...leading], own: [], below: "manager" },
  { lang: "en", who: "viewer", width: 390, pages: reading, own: [] },
  { more: true, lang: "en", who: "代表 001", width: 1280, pages: [...writing, ...leading, "/board/goals"], own: [], below: "owner" },
  { more: true, lang: "ja", who: "member", width: 390, pages: [...reading, ...writing], own: [] },
  { lang: "ja", who: "代表 002", width: 390, pages: another, own: [] },
  { more: true, lang: "easy", who: "代表 002", width: 1280, pages: another, own: [] },
  { lang: "easy", who: "代表 006", width: 390, pages: undeclared, own: [] },
  { more: true, lang: "en", who: "代表 006", width: 1280, pages: undeclared, own: [] },
  { lang: "ja", who: "specialist", width: 390, pages: [], own: [], reviews: true },
  { more: true, lang: "easy", who: "specialist", width: 1280, pages: [], own: [], reviews: true },
  { more: true, lang: "en", who: "specialist", width: 390, pages: [], own: [], reviews: true },
  { lang: "ja", who: "operator", width: 1280, pages: [], own: ["/operator/workbooks"] },
  { lang: "easy", who: "代表 003", width: 390, pages: ["/qualification-checks"], own: [] },
  { more: true, lang: "en", who: "代表 003", width: 1280, pages: ["/qualification-checks"], own: [] },
];

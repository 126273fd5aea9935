// Lets a browser go the whole way as a newcomer would: in Japanese on a phone
// with a passkey, in English on a computer without JavaScript, past every page of
// the demo, and through what hosts, helpers and companies do with each other.
// Each check is a line, "ok" or "not ok".
import { chromium } from "playwright-core";
import { House } from "./house.mjs";
import { dispute } from "./dispute.mjs";
import { evening } from "./evening.mjs";
import { excel } from "./excel.mjs";
import { Eye } from "./eye.mjs";
import { helping } from "./helper.mjs";
import { letter } from "./letter.mjs";
import { list } from "./list.mjs";
import { lost } from "./lost.mjs";
import { newcomer } from "./newcomer.mjs";
import { paper } from "./paper.mjs";
import { sheet } from "./sheet.mjs";
import { star3 } from "./star3.mjs";
import { support } from "./support.mjs";
import { tour, ways } from "./tour.mjs";
import { trouble } from "./trouble.mjs";
import { Report } from "./report.mjs";

// Those that wait for a person's reading and typing come first: the others fill
// the time.
const parts = {
  evening,
  letter,
  sheet,
  demo: tour,
  ways,
  star3,
  excel,
  ja: (browser, report) => newcomer(browser, report, { name: "ja", lang: "ja", js: true, viewport: { width: 390, height: 844 } }),
  en: (browser, report) => newcomer(browser, report, { name: "en", lang: "en", js: false, viewport: { width: 1280, height: 800 } }),
  dispute,
  lost,
  list,
  helper: helping,
  support,
  paper,
  trouble,
};

// --headed opens a window and does everything at the pace of a person.
// --thorough walks past the same pages in further registers and widths.
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const headed = process.argv.includes("--headed");
const lanes = headed ? 1 : 4;
if (headed) Eye.pace = 70;
const report = new Report();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium", headless: !headed, slowMo: headed ? 350 : 0,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"],
});
try {
  const chosen = Object.entries(parts).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  const lane = async () => {
    for (let next = chosen.shift(); next; next = chosen.shift()) await walk(...next);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
} finally {
  await browser.close();
  House.endAll();
}
process.exitCode = report.close();

async function walk(name, part) {
  try {
    await part(browser, report);
  } catch (error) {
    report.fail(`${name}: goes to the end`, error.stack);
  }
}

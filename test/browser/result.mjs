// The result: on the page, on paper, as files.
import { spawnSync } from "node:child_process";
import { memo, points } from "./answers.mjs";

export async function lookAtResult(trip, eye) {
  const { report, way } = trip;
  const { page } = eye;
  await eye.look("result", { narrow: [320, 640] });
  trip.result = eye.path();
  report.same(`${way.name}: the score is the sum of the answers`, (await score(page)), String(points));
  report.same(`${way.name}: there are three next things`, await page.locator("ol.next > li").count(), 3);
  report.check(`${way.name}: each next thing has steps`, (await page.locator("ol.next details ol").count()) === 3 ? "" : "steps are missing");
  report.check(`${way.name}: the radar has its table`, (await page.locator("svg.radar, .fig svg").count()) > 0 && (await page.locator(".fig table").count()) > 0 ? "" : "no radar or no table");
  await paper(trip, eye);
  await files(trip, eye);
  await page.goto(trip.org);
  await eye.look("home, all answered");
  await page.goto(trip.result.replace(/\/result$/, ""));
  await eye.look("the list of answers");
  await page.goto(trip.result.replace(/\/result$/, "/items/3"));
  await page.locator("details.more").first().locator("summary").click();
  await eye.look("question 3, answered", { narrow: [320, 640] });
}

export async function score(page) {
  const text = await page.locator(".score").first().innerText();
  return /-?\d+/.exec(text)?.[0];
}

// paper looks at the print view as it is printed.
async function paper(trip, eye) {
  await eye.follow("assess.take.print");
  await eye.page.waitForURL(/\/result\/print$/);
  await eye.look("print view");
  await eye.page.emulateMedia({ media: "print" });
  const printed = await eye.page.locator(".head, .foot, .noprint").evaluateAll((all) => all.filter((e) => e.offsetParent !== null && e.getBoundingClientRect().height > 0).map((e) => e.className));
  trip.report.same(`${eye.part}: menu and buttons are not printed`, printed.join(), "");
  await eye.page.screenshot({ path: new URL(`shots/${eye.part}-printed.jpg`, import.meta.url).pathname, fullPage: true });
  await eye.page.emulateMedia({ media: "screen" });
  await eye.page.goBack();
}

async function files(trip, eye) {
  const { report, way, person } = trip;
  const fetch = async (end) => (await eye.context.request.get(trip.result + end)).body();
  const pdf = await fetch(".pdf");
  report.same(`${way.name}: the PDF is one`, pdf.subarray(0, 4).toString(), "%PDF");
  const text = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf, encoding: "utf8" }).stdout;
  report.holds(`${way.name}: the PDF names the company`, text.replace(/\s+/g, " "), person.company);
  report.holds(`${way.name}: the PDF has the score`, text, String(points));
  report.holds(`${way.name}: the CSV has the memo`, (await fetch(".csv")).toString("utf8"), memo);
  const json = await (await eye.context.request.get(`/api/v1${trip.result}`)).json();
  report.same(`${way.name}: the JSON has the score`, json.points, points);
  const download = eye.page.waitForEvent("download");
  await eye.follow("assess.take.pdf");
  report.holds(`${way.name}: the PDF is fetched by its button`, (await download).suggestedFilename(), ".pdf");
}

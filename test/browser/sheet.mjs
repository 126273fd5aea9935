// A company without a screen: its answers come on paper, a clerk enters them, and
// the owner takes over by the printed code and sees the result.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveDevice } from "./entry.mjs";
import { claim, letterOf, openCase, openDesk, pages, scanned } from "./letter.mjs";
import { Region, today } from "./region.mjs";

const company = "みほん名簿 009";
const teller = "見本 次郎";

export function sheet(browser, report) {
  return Region.walk("sheet", browser, report, async (region) => {
    const clerk = await region.enter("代表 003", "clerk", { device: "desktop" });
    await openDesk(region, clerk);
    await print(region, clerk);
    await enter(region, clerk);
    await owner(region, await letterOf(region, clerk, company));
  });
}

// print opens the company for its owner and prints its sheet.
async function print({ report }, eye) {
  await openCase(eye, company);
  await eye.press("desk.open.do");
  await eye.page.waitForLoadState();
  await eye.look("case, opened for its owner");
  for (const [query, name] of [["", "sheet"], ["?easy=yes", "sheet-easy"]]) {
    const file = join(process.env.MINAMORI_WORK, `${name}.pdf`);
    writeFileSync(file, await (await eye.context.request.get(`${eye.case}/sheet.pdf${query}`)).body());
    report.same(`${eye.part}: the 25 questions stand on two sides (${name})`, pages(file), "2");
    if (name === "sheet") eye.scanned = scanned(report, eye, file, name);
    else spawnSync("pdftoppm", ["-png", "-r", "100", file, join(import.meta.dirname, "shots", name)]);
  }
  const text = spawnSync("pdftotext", ["-layout", join(process.env.MINAMORI_WORK, "sheet.pdf"), "-"], { encoding: "utf8" }).stdout;
  eye.code = /[A-Z0-9]{5}-[A-Z0-9]{5}/.exec(text)?.[0];
  report.check(`${eye.part}: the sheet carries a number to find it by`, eye.code ? "" : text);
}

// enter takes the filled sheet: one key for each answer, at the pace of somebody
// who looks from the paper to the screen.
async function enter({ report }, eye) {
  const { page } = eye;
  await page.goto(`${eye.desk}/sheet`);
  await eye.look("find a sheet");
  await eye.fill({ code: "AAAAA-AAAAA" });
  await eye.press("desk.find.go");
  await eye.look("find a sheet, none", { status: 404 });
  const begun = Date.now();
  await page.locator("[name=code]").fill("");
  await page.locator("[name=code]").pressSequentially(eye.code.toLowerCase(), { delay: 120 });
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/entry/);
  await page.locator("[name=words]").pressSequentially(teller, { delay: 180 });
  await page.locator("[name=channel][value=paper]").check({ force: true });
  await page.locator("[name=told]").fill(today());
  await page.locator("[name=told]").press("Enter");
  const keys = "1123411234112341123411230";
  for (const key of keys) {
    await page.waitForTimeout(1200);
    await page.keyboard.press(key);
  }
  const said = await page.locator("[data-sheet-count]").innerText();
  report.same(`${eye.part}: the page counts the answers`, said, "24 / 25");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("4");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/entry") || url.search !== "");
  const took = Math.round((Date.now() - begun) / 1000);
  report.check(`${eye.part}: a sheet is entered in at most 90 seconds (${took} s)`, took <= 90 ? "" : `${took} s`);
  await eye.look("sheet, kept");
  await page.goto(`${eye.case}/entry`);
  report.same(`${eye.part}: all 25 answers are kept`, await page.locator("[data-sheet-row] input:checked:not([data-key='0'])").count(), 25);
  await eye.look("entry, kept answers");
  await unfinished({ report }, eye);
}

// unfinished saves without saying whose words these are.
async function unfinished({ report }, eye) {
  await eye.fill({ words: "" });
  await eye.press("desk.entry.keep");
  report.same(`${eye.part}: without a name nothing is kept, and it is said at the field`, await eye.page.locator("[name=words]").getAttribute("aria-invalid"), "true");
  await eye.look("entry, without a name", { status: 422 });
}

async function owner(region, letter) {
  const { report } = region;
  const eye = await region.open("owner");
  await giveDevice(eye);
  const typed = `${eye.base}/claim?${new URLSearchParams({ number: letter.number, code: letter.code.toLowerCase() })}`;
  await claim(eye, typed, { name: teller, email: "jiro@example.com" }, { look: (name) => name === "letter" || name === "take over" ? eye.look(`${name}, answers entered`) : undefined });
  await eye.page.goto(`${eye.org}/frameworks/self-diagnosis-25/result`);
  report.holds(`${eye.part}: the result says whose words staff entered`, await eye.text(), teller);
  report.holds(`${eye.part}: and that the desk did`, await eye.text(), "窓口");
  await eye.look("result, entered on behalf");
  await eye.page.goto(`${eye.org}/frameworks/self-diagnosis-25/items/1`);
  report.holds(`${eye.part}: so does each question`, await eye.text(), "窓口");
  await eye.look("question, entered on behalf");
  await eye.page.goto(eye.org);
  await eye.look("home, entered on behalf");
}

// A list of 300 members from Excel, as it lies in offices: seen row by row before
// anything is written, and taken twice without doubling anybody.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDesk } from "./letter.mjs";
import { Region } from "./region.mjs";
import { fictionalNumber } from "./secrets.mjs";
import { workbook } from "./xlsx.mjs";

const wide = (text) => text.replace(/[0-9A-Za-z-]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

function member(n) {
  const key = `M-${String(n).padStart(4, "0")}`;
  const number = fictionalNumber(1000 + n);
  return [
    n, n % 7 ? key : wide(key), n % 3 ? `㈱みほん会員${n}` : `みほん会員${n}　有限会社`, `ミホンカイイン${n}`,
    n % 4 ? number : "", n % 5 ? `見本　${n}郎` : "", n % 6 ? `03-0000-${String(n).padStart(4, "0")}` : wide(`03-0000-${String(n).padStart(4, "0")}`),
    n % 2 ? `kaiin${n}@example.jp` : "", `架空県見本市${n}丁目`,
  ];
}

// messy has 300 members, and what stands around them: titles over merged cells,
// headings with line breaks, an empty row, somebody twice, two without a number,
// one with a wrong 法人番号, and a sum below.
function messy() {
  const rows = [["令和8年度　会員名簿（みほん商工会議所）"], ["　※社外秘　2026年10月1日現在"], []];
  rows.push(["No.", "会員\n番号", "事 業 所 名", "フリガナ", "法人番号", "代表者　氏名", "ＴＥＬ", "e-mail", "所在地"]);
  for (let n = 1; n <= 300; n++) {
    rows.push(member(n));
    if (n === 150) rows.push([]);
  }
  rows.push([301, "M-0010", "㈱みほん会員10（移転前）", "", "", "", "", "", ""]);
  rows.push([302, "", "みほん新入会員（番号待ち）", "", "", "", "", "", ""], [303, "", "みほん賛助会員", "", "", "", "", "", ""]);
  rows.push([304, "M-0304", "みほん番号ちがい合同会社", "", "1234567890123", "", "", "", ""]);
  rows.push(["", "合計", "304社", "", "", "", "", "", ""]);
  return workbook(rows, ["A1:I1", "A2:I2"]);
}

export function list(browser, report) {
  return Region.walk("list", browser, report, async (region) => {
    const clerk = await region.enter("代表 003", "clerk", { device: "desktop" });
    await openDesk(region, clerk);
    const file = join(process.env.MINAMORI_WORK, "会員名簿.xlsx");
    writeFileSync(file, messy());
    await wrongFile(region, clerk);
    await preview(region, clerk, file);
    await take(region, clerk);
    await again(region, clerk, file);
  });
}

async function wrongFile({ report }, eye) {
  await eye.page.goto(`${eye.desk}/import`);
  await eye.look("import");
  const file = join(process.env.MINAMORI_WORK, "会員名簿.xls");
  writeFileSync(file, Buffer.from("d0cf11e0a1b11ae1", "hex"));
  await eye.page.locator("[name=file]").setInputFiles(file);
  await eye.press("desk.import.look");
  report.holds(`${eye.part}: an old Excel is told from a list`, await eye.text(), eye.say("problem.desk-list-old.title"));
  await eye.look("import, an old Excel", { status: 422 });
}

async function upload(eye, file) {
  await eye.page.goto(`${eye.desk}/import`);
  await eye.page.locator("[name=file]").setInputFiles(file);
  await eye.press("desk.import.look");
  await eye.page.waitForURL(/\/import\/[a-z0-9]+$/);
}

async function counts(eye) {
  const numbers = {};
  for (const fact of await eye.page.locator("dl.facts > div, .facts > *").all()) {
    const text = await fact.innerText();
    numbers[text.replace(/[\d,\s]+/g, "")] = Number(/[\d,]+/.exec(text)?.[0].replace(",", ""));
  }
  return numbers;
}

async function preview({ report }, eye, file) {
  const before = await eye.context.request.get(`/api/v1${eye.desk}`).then((a) => a.text());
  await upload(eye, file);
  await eye.look("import, preview");
  const found = await counts(eye);
  const said = (state) => found[eye.say(`desk.import.state.${state}`)];
  // Of the 300, one number stands twice: both rows are refused or doubted until a person says which.
  report.check(`${eye.part}: the preview counts every row`, said("new") >= 298 && said("refused") + said("doubtful") >= 4 ? "" : JSON.stringify(found));
  eye.taken = said("new");
  for (const state of ["new", "refused", "doubtful"]) {
    if (!said(state)) continue;
    await eye.page.getByRole("link", { name: eye.say(`desk.import.state.${state}`), exact: true }).click();
    report.check(`${eye.part}: each row that is ${state} is shown`, (await eye.page.locator("#rows ~ * tbody tr, section tbody tr").count()) > 0 ? "" : "no rows");
    if (state !== "new") await eye.look(`import, rows ${state}`);
  }
  report.same(`${eye.part}: before the confirmation nothing is written`, await eye.context.request.get(`/api/v1${eye.desk}`).then((a) => a.text()), before);
}

async function take({ report }, eye) {
  await eye.press("desk.import.confirm");
  await eye.page.waitForLoadState();
  await eye.look("import, running or done", { picture: true });
  await eye.page.getByRole("heading", { name: eye.say("desk.import.finished") }).waitFor({ timeout: 30000 });
  await eye.page.reload();
  await eye.look("import, done");
  const found = await counts(eye);
  report.same(`${eye.part}: what was foreseen was taken`, found[eye.say("desk.import.state.new")], eye.taken);
  await eye.page.goto(eye.desk);
  await eye.look("caseload, after the import");
  await eye.fill({ q: "みほん会員300" });
  await eye.page.locator("main form[method=get] button").click();
  report.same(`${eye.part}: the last member is in the list`, await eye.page.locator("main tbody tr").count(), 1);
}

async function again({ report }, eye, file) {
  await upload(eye, file);
  const found = await counts(eye);
  report.same(`${eye.part}: taken again, nobody is new`, found[eye.say("desk.import.state.new")], 0);
  report.same(`${eye.part}: taken again, everybody is the same`, found[eye.say("desk.import.state.same")], eye.taken);
  await eye.look("import, the same list again");
  await eye.press("desk.import.discard");
  await eye.page.waitForLoadState();
  await eye.page.goto(`${eye.desk}/import`);
  await eye.look("imports so far");
}

// ★3 out to Excel, edited there, and in again: what would change is seen before it
// does. A broken file and one that unpacks into too much say so and change nothing.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Region } from "./region.mjs";
import { bomb, cellsOf, typed } from "./xlsx.mjs";

const pack = "scs-star3-2026";
const words = "9月に、2人で確かめました。";

export function excel(browser, report) {
  return Region.walk("excel", browser, report, async (region) => {
    const eye = await region.enter("manager", "manager", { device: "desktop" });
    const file = await takeOut(region, eye);
    await bad(region, eye, file);
    await edited(region, eye, file);
    await again(region, eye);
    await everything(region, eye);
  });
}

const at = (eye) => `${eye.org}/exchange`;

async function answers(eye) {
  return (await eye.context.request.get(`${at(eye)}/packs/${pack}/answers.json`)).text();
}

async function fetchExcel(eye) {
  return (await eye.context.request.get(`${at(eye)}/packs/${pack}/answers.xlsx`)).body();
}

async function takeOut({ report }, eye) {
  await eye.page.goto(at(eye));
  await eye.look("take out and bring in");
  const download = eye.page.waitForEvent("download");
  await eye.page.locator(`a[href$="/${pack}/answers.xlsx"]`).first().click();
  report.holds(`${eye.part}: the Excel is fetched by its button`, (await download).suggestedFilename(), ".xlsx");
  const file = await fetchExcel(eye);
  const ids = [...cellsOf(file)].filter(([cell, text]) => /^A\d+$/.test(cell) && /^\d-\d+-\d+-\d+$/.test(text));
  report.same(`${eye.part}: all 81 criteria are in it`, ids.length, 81);
  return file;
}

async function upload(eye, name, bytes) {
  const path = join(process.env.MINAMORI_WORK, name);
  writeFileSync(path, bytes);
  await eye.page.goto(at(eye));
  const form = eye.page.locator("form[action$='/intakes']");
  await form.locator("[name=framework]").selectOption(pack);
  await form.locator("[name=file]").setInputFiles(path);
  await eye.press("exchange.look");
  await eye.page.waitForLoadState();
}

async function bad({ report }, eye, file) {
  const before = await answers(eye);
  const files = [
    ["こわれた.xlsx", file.subarray(0, file.length / 2), "broken"],
    ["展開すると大きい.xlsx", bomb(file, 80), "large"],
    ["古い.xls", Buffer.from("d0cf11e0a1b11ae1", "hex"), "old"],
  ];
  for (const [name, bytes, code] of files) {
    await upload(eye, name, bytes);
    report.holds(`${eye.part}: ${name} (${Math.ceil(bytes.length / 1024)} KiB) is refused in plain words`, await eye.text(), eye.say(`problem.exchange-file-${code}.title`));
    report.same(`${eye.part}: ${name} is not waiting for a yes`, await eye.page.locator("main table").first().innerText().then((text) => text.includes(name)), false);
    await eye.look(`refused, ${code}`, { status: (await eye.page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")) });
  }
  report.same(`${eye.part}: after all of them the answers are as before`, unstamped(await answers(eye)), unstamped(before));
}

// unstamped leaves out when a file was made.
function unstamped(json) {
  return json.replace(/"(made|created|at|exported)[\w_]*":\s*"[^"]*"/g, "");
}

// edited is how somebody works in Excel: an answer that was missing, one that has
// changed, words, a word that is no answer, and a formula that is only text.
async function edited({ report }, eye, file) {
  const cells = cellsOf(file);
  const row = (id) => [...cells].find(([cell, text]) => /^A\d+$/.test(cell) && text === id)[0].slice(1);
  const before = await answers(eye);
  const changes = { [`D${row("3-1-1-1")}`]: "満たしている", [`D${row("2-1-4-1")}`]: "一部満たしている", [`D${row("4-1-7-1")}`]: "たぶん大丈夫" };
  const memo = [...cells].find(([, text]) => text === "補足")?.[0].replace(/\d+/, "");
  report.check(`${eye.part}: there is a column for words`, memo ? "" : [...cells].slice(0, 12).join(" "));
  changes[`${memo}${row("2-1-4-1")}`] = words;
  changes[`${memo}${row("3-1-1-1")}`] = "=HYPERLINK(\"http://example.com\")";
  await upload(eye, "直した回答.xlsx", typed(file, changes));
  await eye.page.waitForURL(/\/intakes\/[a-z0-9]{20,}$/);
  report.holds(`${eye.part}: the preview says how many would change`, await eye.page.locator("h1").innerText(), "2項目が変わります。");
  for (const text of ["2-1-4-1", "満たしていない", "一部満たしている", words, "たぶん大丈夫", eye.say("exchange.change.unread"), eye.say("exchange.preview.lead")]) {
    report.holds(`${eye.part}: the preview shows ${text}`, await eye.text(), text);
  }
  await eye.look("preview");
  report.same(`${eye.part}: before the yes nothing has changed`, unstamped(await answers(eye)), unstamped(before));
  await eye.press("exchange.apply", { n: 2 });
  await eye.page.waitForLoadState();
  report.holds(`${eye.part}: two answers are taken`, await eye.text(), eye.say("exchange.done", { n: 2 }));
  await eye.look("applied");
  await eye.page.goto(`${eye.org}/frameworks/${pack}/items/2-1-4-1`);
  report.same(`${eye.part}: the answer is the one from Excel`, await eye.page.locator("input[name=answer][value=partly]").isChecked(), true);
  report.same(`${eye.part}: and the words too`, await eye.page.locator("[name=memo]").inputValue(), words);
  const back = [...cellsOf(await fetchExcel(eye))];
  report.check(`${eye.part}: what looks like a formula stays text and goes out again`, back.some(([, text]) => text.includes("HYPERLINK(")) ? "" : "gone");
}

// again: the same file, taken in once more, would change nothing.
async function again({ report }, eye) {
  await upload(eye, "もう一度.xlsx", await fetchExcel(eye));
  await eye.page.waitForURL(/\/intakes\/[a-z0-9]{20,}$/);
  report.same(`${eye.part}: a file that comes back as it went changes nothing`, await eye.page.locator("h1").innerText(), eye.say("exchange.preview.none"));
  await eye.look("preview, nothing to change");
  await eye.press("exchange.discard");
  await eye.page.waitForLoadState();
  await eye.look("discarded");
}

// everything is put together as a job, which says how far it is.
async function everything({ report }, eye) {
  await eye.page.goto(at(eye));
  await eye.press("exchange.takeout.ask");
  await eye.page.waitForURL(/\/takeouts\/[a-z0-9]{20,}$/);
  const file = eye.page.locator("a[href$='/all.xlsx']");
  for (let tries = 0; tries < 60 && !(await file.count()); tries++) {
    await eye.page.waitForTimeout(500);
    await eye.page.reload();
  }
  await eye.look("everything in one Excel");
  const answer = await eye.context.request.get(await file.getAttribute("href"));
  report.same(`${eye.part}: everything comes in one workbook`, (await answer.body()).subarray(0, 2).toString(), "PK");
}

// The way to ★3 with evidence: answers, files with form and end, a ledger that is
// looked through, a rule that is approved, a plan, one page for the board. What
// follows, the frozen snapshot, is in frozen.mjs.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Eye } from "./eye.mjs";
import { freeze } from "./frozen.mjs";
import { pages } from "./letter.mjs";
import { Region, today } from "./region.mjs";

const pack = "/frameworks/scs-star3-2026";
const step = "バックアップを、離れた場所にも置く。";
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

// unsaid is what nobody may say of a declaration or of ★3.
export const unsaid = [/認定/, /認証され|認証済み|★3認証/, /合格/, /★3相当|★3レベル|★3準拠/, /お墨付き/, /保証/, /取得しました|取得済み/];

export function star3(browser, report) {
  return Region.walk("star3", browser, report, async (region) => {
    const eye = await enter(region, "代表 001", "owner", "phone");
    await stand(region, eye);
    await evidence(region, eye);
    await setting(region, eye);
    await notApplicable(region, eye);
    await ledger(region, eye);
    await rule(region, eye);
    await plan(region, eye);
    const desk = await enter(region, "代表 001", "owner-at-the-desk", "desktop");
    await board(region, desk);
    await freeze(region, desk);
  });
}

async function enter(region, who, label, device) {
  const eye = await region.enter(who, label, { device });
  eye.never = unsaid;
  return eye;
}

// prove goes to a page that asks for a fresh login. People of the demo have neither
// passkey nor password: theirs is the button of the demo. The real way is in evening.mjs.
export async function prove(eye, path) {
  await eye.page.goto(path);
  if (eye.path() !== "/step-up") return;
  await eye.page.goto("/demo");
  await eye.page.locator(`[name=account][value="${eye.person.account}"]`).locator("xpath=ancestor::form").locator("button").click();
  await eye.page.waitForURL((url) => url.pathname !== "/demo");
  await eye.page.goto(path);
}

// shown is how many criteria have evidence, as the page's heading counts them.
async function shown(eye) {
  await eye.page.goto(eye.org + pack);
  return Number(/^\d+/.exec(await eye.page.locator("h1").innerText())?.[0]);
}

async function state(eye, code) {
  await eye.page.goto(eye.org + pack);
  return eye.page.locator("tr", { has: eye.page.locator(`a[href$="/items/${code}"]`) }).locator("td").first().innerText();
}

async function stand({ report }, eye) {
  await eye.page.goto(`${eye.org}/stars/star3`);
  await eye.look("★3");
  await eye.follow("star.three.unblock");
  await eye.page.goto(eye.org + pack);
  await eye.look("criteria");
  eye.shown = await shown(eye);
  report.check(`${eye.part}: shown and said are counted apart`, eye.shown > 0 ? "" : await eye.page.locator("h1").innerText());
}

async function answer(eye, code, choice, values = {}) {
  await eye.page.goto(`${eye.org}${pack}/items/${code}`);
  await eye.page.locator(`input[name=answer][value=${choice}]`).check({ force: true });
  if (Object.keys(values).length) await eye.page.locator("details", { has: eye.page.locator("#f-reason") }).locator("summary").click();
  await eye.fill(values);
  await eye.press("ui.question.save");
}

// evidence answers a criterion and adds a picture that says what it is and until when.
async function evidence({ report }, eye) {
  const code = "1-2-3-2";
  await answer(eye, code, "met");
  await eye.page.waitForURL((url) => !url.pathname.endsWith(`/${code}`));
  report.holds(`${eye.part}: a word alone is called a word`, await state(eye, code), "言葉だけ");
  await add(eye, code, { file: "入社の説明の記録.png", form: "record", until: today(200) });
  await eye.look("criterion, with evidence");
  report.holds(`${eye.part}: with evidence it is shown`, await state(eye, code), "裏付けあり");
  report.same(`${eye.part}: one more criterion has evidence`, await shown(eye), eye.shown + 1);
  await eye.page.goto(`${eye.org}/evidence`);
  report.holds(`${eye.part}: the evidence lies in the vault`, await eye.text(), "入社の説明の記録.png");
  await eye.look("vault");
}

// add brings a file by the form below the question.
async function add(eye, code, { file, form, until }) {
  await eye.page.goto(`${eye.org}${pack}/items/${code}`);
  const path = join(process.env.MINAMORI_WORK, file);
  writeFileSync(path, Buffer.from(dot, "base64"));
  const below = eye.page.locator("form[action$='/evidence']");
  if (!(await below.isVisible())) await eye.page.locator("details", { has: below }).locator("summary").first().click();
  await eye.look(`criterion ${code}, add evidence`, { picture: false });
  await below.locator("[name=evidence]").setInputFiles(path);
  await below.locator("[name=form]").selectOption(form);
  if (until) await below.locator("[name=valid_until]").fill(until);
  await below.locator("button[type=submit], button").last().click();
  await eye.page.waitForLoadState();
}

// setting: the picture of a setting is no rule. It stands beside the answer and
// counts for nothing where the criterion asks for a rule.
async function setting({ report }, eye) {
  await answer(eye, "4-1-5-3", "met");
  await add(eye, "4-1-5-3", { file: "パスワードの設定.png", form: "setting" });
  const said = await state(eye, "4-1-5-3");
  report.holds(`${eye.part}: a setting does not stand for a rule`, said, "言葉だけ");
  report.holds(`${eye.part}: and the page says that something supports it`, said, eye.say("assess.criteria.supported"));
  await eye.page.goto(`${eye.org}${pack}/items/4-1-5-3`);
  await eye.look("criterion, a setting that supports");
}

async function notApplicable({ report }, eye) {
  const code = "4-5-1-1";
  await answer(eye, code, "not_applicable");
  report.same(`${eye.part}: “not applicable” asks for its reason`, await eye.page.locator("#f-reason-e").count(), 1);
  report.same(`${eye.part}: the choice stays`, await eye.page.locator("input[name=answer][value=not_applicable]").isChecked(), true);
  await eye.look("criterion, not applicable without a reason", { status: 422 });
  await answer(eye, code, "not_applicable", { reason: "境目の機器は通信会社のもので、設定にさわれません。" });
  await eye.page.waitForURL((url) => !url.pathname.endsWith(`/${code}`));
  report.holds(`${eye.part}: with its reason it is kept`, await state(eye, code), "該当なし");
  await eye.look("criteria, one not applicable", { status: 422 }); // the choice alone was not kept at once
}

// ledger: a ledger proves a criterion while it was looked through within its year.
async function ledger({ report }, eye) {
  await answer(eye, "3-1-2-2", "met");
  report.holds(`${eye.part}: a ledger that is too old shows nothing`, await state(eye, "3-1-2-2"), "期限切れ");
  await eye.page.goto(`${eye.org}/records`);
  await eye.look("ledgers");
  await eye.page.locator("a[href$='/ledgers/network-devices']").first().click();
  await eye.page.waitForURL(/network-devices$/);
  await eye.look("ledger, due");
  await eye.fill({ note: "現物と照らして、変わりありません。" });
  await eye.press("record.look.do");
  await eye.page.waitForLoadState();
  await eye.look("ledger, looked through");
  report.holds(`${eye.part}: looked through, it is evidence`, await state(eye, "3-1-2-2"), "裏付けあり");
}

async function rule({ report }, eye) {
  await eye.page.goto(`${eye.org}/policies`);
  await eye.follow("policy.open", { title: "情報セキュリティ規程" });
  await eye.page.waitForURL(/\/policies\/[a-z0-9]{20,}$/);
  const document = eye.path();
  await eye.look("rule book");
  await eye.page.goto(`${document}/settings`);
  const length = "values.guarded"; // of a password, where wrong tries are stopped
  const strong = await eye.page.locator(`[name="${length}"]`).inputValue();
  await eye.fill({ [length]: "6" });
  await eye.press("policy.settings.save");
  await eye.page.waitForURL((url) => url.pathname === document);
  report.holds(`${eye.part}: a rule that is too weak is told, with what is asked`, await eye.page.locator("section:has(#weak), #weak").first().innerText(), "4-1-5-3");
  await eye.look("rule book, too weak");
  await eye.page.goto(`${document}/settings`);
  await eye.fill({ [length]: strong });
  await eye.press("policy.settings.save");
  await eye.page.waitForURL((url) => url.pathname === document);
  await prove(eye, `${document}/approve`);
  await eye.look("rule book, approve?");
  await eye.press("policy.approve.do");
  await eye.page.waitForURL((url) => url.pathname === document);
  await eye.look("rule book, approved");
  report.holds(`${eye.part}: an approved rule is evidence for its criterion`, await state(eye, "4-1-5-3"), "裏付けあり");
  await eye.look("criteria, with a rule");
}

async function plan({ report }, eye) {
  await eye.page.goto(`${eye.org}/plan/new?pack=scs-star3-2026&item=4-3-4-2`);
  await eye.look("new step");
  await eye.fill({ what: step, due: today(30) });
  await eye.page.locator("[name=account]").selectOption({ label: eye.person.name });
  await eye.press("plan.add");
  await eye.page.waitForURL(/\/plan(\/steps\/[a-z0-9]+)?$/);
  await eye.page.goto(`${eye.org}/plan`);
  report.holds(`${eye.part}: the step stands in the plan`, await eye.text(), step);
  await eye.look("plan");
  const file = await eye.context.request.get(`${eye.org}/plan/plan.ics`);
  const calendar = (await file.text()).replace(/\r\n[ \t]/g, "");
  report.holds(`${eye.part}: the calendar is one`, file.headers()["content-type"], "text/calendar");
  report.holds(`${eye.part}: the calendar has the step`, calendar.replace(/\\/g, ""), step);
  report.holds(`${eye.part}: and its day`, calendar, today(30).replaceAll("-", ""));
}

// board prints one page as the browser does, and takes the PDF of the program.
async function board({ report }, eye) {
  await eye.page.goto(`${eye.org}/board`);
  await eye.look("board");
  await eye.follow("board.open-paper");
  await eye.page.waitForURL(/\/board\/paper$/);
  await eye.look("board, paper");
  const printed = join(process.env.MINAMORI_WORK, "board-printed.pdf"), made = join(process.env.MINAMORI_WORK, "board.pdf");
  if (!Eye.pace) writeFileSync(printed, await eye.page.pdf({ preferCSSPageSize: true, printBackground: true }));
  writeFileSync(made, await (await eye.context.request.get(`${eye.org}/board/board.pdf`)).body());
  for (const [file, name] of [...(Eye.pace ? [] : [[printed, "printed"]]), [made, "made"]]) {
    report.same(`${eye.part}: the page for the board is one page (${name})`, pages(file), "1");
    report.holds(`${eye.part}: and A4 (${name})`, spawnSync("pdfinfo", [file], { encoding: "utf8" }).stdout, "A4");
    const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
    report.holds(`${eye.part}: it names the company (${name})`, text.replace(/\s+/g, ""), eye.person.company);
    report.check(`${eye.part}: it says no more than is so (${name})`, unsaid.map((words) => words.exec(text)?.[0] ?? "").join(""));
    spawnSync("pdftoppm", ["-png", "-r", "80", file, new URL(`shots/star3-board-${name}`, import.meta.url).pathname]);
  }
}

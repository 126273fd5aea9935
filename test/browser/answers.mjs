// The 25 answers, one question per page.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const pack = "/frameworks/self-diagnosis-25";
const choices = ["done", "done", "partly", "not_done", "unknown"];
// choices in turn: five times 4 + 4 + 2 + 0 − 1.
export const points = 45;
export const memo = "𠮷野さん、髙﨑さん、葛󠄀城さんに聞きました。";

export async function answerAll(trip, eye) {
  const { report, org, way } = trip;
  await eye.follow("assess.first");
  report.same(`${way.name}: the first question comes first`, eye.path(), `${org}${pack}/items/1`);
  for (let n = 1; n <= 25; n++) {
    report.same(`${way.name}: question ${n} is on its own page`, eye.path(), `${org}${pack}/items/${n}`);
    await answer(trip, eye, n);
    if (n === 10) report.same(`${way.name}: another device goes on at question 11`, await trip.resume(), `${org}${pack}/items/11`);
  }
  report.same(`${way.name}: after the last question comes the result`, eye.path(), `${org}${pack}/result`);
}

async function answer(trip, eye, n) {
  const here = eye.path();
  const choice = choices[(n - 1) % choices.length];
  if (n === 1) await withoutChoosing(trip, eye);
  if (n === 2 && eye.js) await byKeyboard(trip, eye);
  else await eye.page.locator(`input[name=answer][value=${choice}]`).check({ force: true });
  if (eye.js) await savedAtOnce(trip, eye, n);
  if (n === 3) await eye.fill({ memo });
  if (n === 4) await evidence(trip, eye);
  if (n <= 5) await eye.look(`question ${n}`, { narrow: [320, 640] });
  if (n === 2 && eye.js) await saveByKeyboard(eye);
  else await eye.press("ui.question.save");
  await eye.page.waitForURL((url) => url.pathname !== here);
  if (n === 4) await keptEvidence(trip, eye, here);
  if (n === 3) await keptMemo(trip, eye, here);
}

async function withoutChoosing(trip, eye) {
  await eye.look("question 1, nothing chosen", { narrow: [320, 640] });
  await eye.press("ui.question.save");
  trip.report.same(`${eye.part}: saving without a choice says what is missing`, await eye.page.locator("#f-answer-e").count(), 1);
  await eye.look("question 1, save without a choice", { status: 422 });
}

async function savedAtOnce(trip, eye, n) {
  const said = eye.say("ui.saved", { at: "" }).trim();
  await eye.page.locator("#saved .st").waitFor();
  const text = await eye.page.locator("#saved").innerText();
  if (n === 1 || n === 2) trip.report.holds(`${eye.part}: choice ${n} is saved at once and says so`, text, said);
}

// byKeyboard uses nothing but Tab, arrows, Space and Enter.
async function byKeyboard(trip, eye) {
  const { page } = eye;
  await page.locator("main").focus();
  const at = () => page.evaluate("document.activeElement.name ?? ''");
  for (let n = 0; n < 20 && (await at()) !== "answer"; n++) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  trip.report.same(`${eye.part}: Tab and Space choose the first answer`, await page.locator("input[name=answer][value=done]").isChecked(), true);
  trip.report.check(`${eye.part}: what has the focus is outlined`, await page.evaluate(`(() => {
    const style = getComputedStyle(document.activeElement), box = getComputedStyle(document.activeElement.closest("label"));
    return [style, box].some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) ? "" : "no outline";
  })()`));
}

async function saveByKeyboard(eye) {
  const { page } = eye;
  for (let n = 0; n < 12; n++) {
    if (await page.evaluate("document.activeElement.type === 'submit' && document.activeElement.closest('main') !== null")) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
}

async function evidence(trip, eye) {
  const file = join(process.env.MINAMORI_WORK, `${eye.part}-写真.png`);
  const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  writeFileSync(file, Buffer.from(dot, "base64"));
  await eye.page.locator("[name=evidence]").setInputFiles(file);
}

async function keptEvidence(trip, eye, item) {
  const { report } = trip;
  const next = eye.path();
  await eye.page.goto(item);
  report.holds(`${eye.part}: the evidence is listed by its name`, await eye.page.locator(".evidence").innerText(), `${eye.part}-写真.png`);
  await eye.look("question 4, with evidence");
  await eye.page.locator(".evidence a[href$=remove]").click();
  await eye.look("question 4, remove the evidence?");
  const file = await eye.context.request.get((await eye.page.url()).replace(/\/remove$/, ""));
  report.holds(`${eye.part}: the evidence comes as an attachment`, file.headers()["content-disposition"] ?? "", "attachment");
  await eye.page.goto(next);
}

async function keptMemo(trip, eye, item) {
  const next = eye.path();
  await eye.page.goto(item);
  trip.report.same(`${eye.part}: the memo keeps 𠮷, 髙 and the variant of 葛`, await eye.page.locator("[name=memo]").inputValue(), memo);
  await eye.page.goto(next);
}

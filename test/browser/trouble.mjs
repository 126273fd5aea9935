// 困ったとき: without login and without network, and as one sheet by the telephone.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Region } from "./region.mjs";

const numbers = {
  owner: ["代表 001（架空）", "090-0000-0001", "夜も可"],
  manager: ["担当 さくら（架空）", "090-0000-0002", "平日8時から18時"],
  it_vendor: ["かくう情報サービス株式会社", "03-0000-0003", "保守契約 第A-0001号、平日9時から17時半"],
  network: ["みほん通信株式会社", "0120-000-004", "お客様番号 0000-0000-04"],
  service: ["みほんお助け隊", "0120-000-005", "契約番号 T-0005、24時間"],
  insurance: ["みほん損害保険株式会社 サイバー事故受付", "0120-000-006", "証券番号 0000000006"],
  buyer: ["れいだい自動車部品株式会社 調達部", "052-000-0007", "1時間以内に第一報の約束"],
  lawyer: ["みほん法律事務所 弁護士 架空", "03-0000-0008", "平日10時から18時"],
};

export function trouble(browser, report) {
  return Region.walk("trouble", browser, report, async (region) => {
    await stranger(region);
    const eye = await region.enter("manager", "manager");
    await fillNumbers(region, eye);
    for (const lang of ["ja", "easy", "en"]) await onePage(region, eye, lang);
    await withoutNetwork(region, eye, `${eye.org}/emergency`, numbers.lawyer[1]);
    await afterLogout(region, eye);
  });
}

async function stranger(region) {
  const eye = await region.open("stranger");
  await eye.page.goto("/");
  await eye.follow("menu.emergency");
  await eye.page.waitForURL(/\/emergency$/);
  await eye.look("emergency");
  await withoutNetwork(region, eye, "/emergency", eye.say("emergency.step.unplug"));
}

// withoutNetwork opens the page once more when nothing answers.
async function withoutNetwork({ report }, eye, path, part) {
  await eye.page.goto(path);
  await eye.page.locator("[data-kept]:not([hidden])").waitFor();
  await eye.context.setOffline(true);
  await eye.page.goto(path);
  report.holds(`${eye.part}: the page opens without a network`, await eye.text(), part);
  const dressed = await eye.page.evaluate("getComputedStyle(document.querySelector('.emergency ol')).listStyleType !== 'decimal' || document.styleSheets.length > 0");
  report.same(`${eye.part}: it looks as it does with one`, dressed, true);
  await eye.look("emergency, without a network");
  await eye.context.setOffline(false);
  eye.faults.length = 0;
}

async function fillNumbers({ report }, eye) {
  await eye.page.goto(`${eye.org}/emergency`);
  await eye.look("own page, no numbers yet");
  await eye.follow("emergency.own.edit");
  await eye.look("own numbers, empty");
  for (const [place, values] of Object.entries(numbers)) {
    for (const [n, what] of ["name", "phone", "note"].entries()) await eye.page.locator(`#f-${what}-${place}`).fill(values[n]);
  }
  await eye.page.locator("#f-phone-lawyer").fill("電話は名刺に");
  await eye.press("emergency.save");
  report.same(`${eye.part}: a number in words is said at its field`, await eye.page.locator("#f-phone-lawyer").getAttribute("aria-invalid"), "true");
  report.same(`${eye.part}: the other numbers stay`, await eye.page.locator("#f-phone-service").inputValue(), numbers.service[1]);
  await eye.look("own numbers, one in words", { status: 422 });
  await eye.page.locator("#f-phone-lawyer").fill(numbers.lawyer[1]);
  await eye.press("emergency.save");
  await eye.page.waitForURL(/\/emergency$/);
  report.holds(`${eye.part}: the company's own numbers stand on the page`, await eye.text(), numbers.insurance[2]);
  await eye.look("own page");
}

// onePage prints the page as the reader's browser does.
async function onePage({ report }, eye, lang) {
  const url = eye.base;
  await eye.context.addCookies([{ name: "language", value: lang === "easy" ? "ja-x-easy" : lang, url }]);
  await eye.page.goto(`${eye.org}/emergency`);
  const pdf = await eye.page.pdf({ preferCSSPageSize: true });
  const file = join(process.env.MINAMORI_WORK, `emergency-${lang}.pdf`);
  writeFileSync(file, pdf);
  const about = spawnSync("pdfinfo", [file], { encoding: "utf8" }).stdout;
  report.same(`${eye.part}: in ${lang} it prints on one page`, /Pages:\s+(\d+)/.exec(about)?.[1], "1");
  report.holds(`${eye.part}: in ${lang} the page is A4`, about, "(A4)");
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
  for (const [name, phone] of Object.values(numbers)) report.holds(`${eye.part}: in ${lang} ${name} stands on the paper`, text, phone);
  spawnSync("pdftoppm", ["-png", "-r", "60", file, new URL(`shots/trouble-printed-${lang}`, import.meta.url).pathname]);
  await eye.context.addCookies([{ name: "language", value: "ja", url }]);
}

// afterLogout looks whether anything of the company is left on the device.
async function afterLogout({ report }, eye) {
  await eye.page.goto(eye.org);
  report.same(`${eye.part}: the company's page is kept while somebody is logged in`, await keptOfCompany(eye), 1);
  await eye.page.locator("details.who summary").click();
  await eye.press("menu.logout");
  await eye.page.waitForURL(/\/login/);
  report.same(`${eye.part}: after the logout none is kept`, await keptOfCompany(eye), 0);
  await eye.context.setOffline(true);
  const answer = await eye.page.goto(`${eye.org}/emergency`).catch(() => null);
  report.check(`${eye.part}: after the logout it does not open without a network`, answer?.ok() ? await eye.text() : "");
  await eye.context.setOffline(false);
  eye.faults.length = 0;
}

function keptOfCompany(eye) {
  return eye.page.evaluate("caches.keys().then((names) => names.filter((n) => n.startsWith('emergency /orgs/')).length)");
}

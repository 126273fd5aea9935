// A letter on paper: from its QR to the first question in less than two minutes.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveDevice } from "./entry.mjs";
import { Region } from "./region.mjs";

const shots = join(import.meta.dirname, "shots");

export function letter(browser, report) {
  return Region.walk("letter", browser, report, async (region) => {
    const clerk = await region.enter("代表 003", "clerk", { device: "desktop" });
    await openDesk(region, clerk);
    await quickly(region, await letterOf(region, clerk, "みほん名簿 007"));
    await carefully(region, await letterOf(region, clerk, "みほん名簿 008"));
    await afterwards(region, clerk);
  });
}

// openDesk finds the counter of the circle as its staff do.
export async function openDesk(_, eye) {
  await eye.page.goto(`${eye.org}/circles`);
  await eye.page.locator("main tbody a").first().click();
  await eye.page.waitForURL(/\/circles\/[a-z0-9]{20,}$/);
  eye.circle = eye.path();
  eye.desk = `${eye.circle}/desk`;
  const way = eye.page.locator(`main a[href="${eye.desk}"]`);
  eye.report.check(`${eye.part}: the page of the circle leads to the desk`, (await way.count()) ? "" : "no link");
  await eye.page.goto(eye.desk);
  await eye.look("caseload");
}

// openCase opens a company of the list by a part of its name.
export async function openCase(eye, name) {
  await eye.page.goto(eye.desk);
  await eye.fill({ q: name });
  await eye.page.locator("main form[method=get] button").click();
  await eye.page.getByRole("link", { name: new RegExp(name) }).first().click();
  await eye.page.waitForURL(/\/cases\/[a-z0-9]+$/);
  eye.case = eye.path();
}

// letterOf makes a letter, prints it, and reads what is printed: the QR with a
// decoder, number and code as a person does.
export async function letterOf({ report, part }, eye, name) {
  await openCase(eye, name);
  await eye.look("case");
  await eye.press("desk.letter.make");
  await eye.page.waitForLoadState();
  await eye.look("case, with a letter");
  const pdf = await (await eye.context.request.get(`${eye.case}/letter.pdf`)).body();
  const file = join(process.env.MINAMORI_WORK, `${part}-letter.pdf`);
  writeFileSync(file, pdf);
  report.same(`${eye.part}: the letter is one page`, pages(file), "1");
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
  const printed = { number: /番号\s+(\d{4}-?\d{4})/.exec(text)?.[1], code: /コード\s+([A-Z0-9]{4}(?:-[A-Z0-9]{4}){2})/.exec(text)?.[1] };
  report.check(`${eye.part}: number and code are printed`, printed.number && printed.code ? "" : text);
  return { ...printed, url: scanned(report, eye, file, `${part}-letter`) ?? typed(eye, printed) };
}

export function pages(file) {
  return /Pages:\s+(\d+)/.exec(spawnSync("pdfinfo", [file], { encoding: "utf8" }).stdout)?.[1];
}

// scanned reads the QR of a printed page as a camera does. Without a decoder
// (Debian's zbar-tools) the walk goes on with what is printed beside it.
export function scanned(report, eye, file, picture) {
  spawnSync("pdftoppm", ["-png", "-r", "100", file, join(shots, picture)]);
  const base = file.replace(/\.pdf$/, "");
  spawnSync("pdftoppm", ["-png", "-r", "200", "-singlefile", file, base]);
  const read = spawnSync("zbarimg", ["--quiet", "--raw", `${base}.png`], { encoding: "utf8" });
  if (read.error) {
    console.log("# zbarimg is not here: the QR was not read");
    return undefined;
  }
  const url = read.stdout.trim().split("\n")[0];
  report.check(`${eye.part}: the QR leads to this server`, url.startsWith(`${eye.base}/`) ? "" : `QR says ${JSON.stringify(url)}`);
  return url;
}

function typed(eye, { number, code }) {
  return `${eye.base}/claim?${new URLSearchParams({ number, code })}`;
}

// quickly is somebody who reads and types at an ordinary pace.
async function quickly(region, { url }) {
  const eye = await region.open("owner");
  await giveDevice(eye);
  const begun = Date.now();
  await claim(eye, url, { name: "見本 一郎", email: "ichiro@example.jp" }, {
    read: (seconds) => eye.page.waitForTimeout(seconds * 1000),
    type: (field, text) => eye.page.locator(`[name=${field}]`).pressSequentially(text, { delay: 180 }),
  });
  const took = Math.round((Date.now() - begun) / 1000);
  region.report.check(`${eye.part}: from the letter to the first question in less than two minutes (${took} s)`, took < 120 ? "" : `${took} s`);
  region.report.same(`${eye.part}: the first question is there`, await eye.page.locator("input[name=answer]").count() > 0, true);
  await eye.look("first question");
}

// carefully looks at each page, and types a wrong code first.
async function carefully(region, { url, number, code }) {
  const eye = await region.open("second", { device: "desktop" });
  await giveDevice(eye);
  await eye.page.goto("/claim");
  await eye.fill({ number, code: code.replace(/.$/, (last) => (last === "2" ? "3" : "2")) });
  await eye.press("desk.claim.next");
  await eye.look("code, wrong", { status: 422 });
  region.report.same(`${eye.part}: the number stays beside a wrong code`, await eye.page.locator("[name=number]").inputValue(), number);
  await claim(eye, url, { name: "見本 はな", email: "hana@example.jp" }, { look: (name) => eye.look(name) });
  const again = await region.open("late");
  await again.page.goto(url);
  await again.press("desk.claim.next");
  await again.look("letter, used up", { status: 410 });
  region.report.holds(`${again.part}: a letter works once`, await again.text(), again.say("problem.desk-letter-used.title"));
  again.faults.length = 0;
}

// claim goes the way of a letter; read, type and look are what the person does on it.
export async function claim(eye, url, who, { read = () => {}, look = () => {}, type = (field, text) => eye.fill({ [field]: text }) } = {}) {
  const { page } = eye;
  await page.goto(url);
  await read(5);
  await look("code");
  await eye.press("desk.claim.next");
  await page.getByRole("link", { name: eye.say("desk.claim.new"), exact: true }).waitFor();
  await read(6);
  await look("letter");
  await eye.follow("desk.claim.new");
  await type("name", who.name);
  await type("email", who.email);
  await look("my name");
  await eye.press("account.go-on");
  await page.waitForURL(/\/account\/ways/);
  await read(5);
  await look("ways in");
  await eye.press("account.passkey.make");
  await page.waitForURL(/\/account\/codes/);
  await read(4);
  await eye.press("account.codes.make");
  await page.locator("#codes code").first().waitFor();
  await read(15); // notes the codes
  await eye.follow("account.codes.kept");
  await page.waitForURL(/\/claim/);
  await read(3);
  await eye.press("desk.claim.next");
  await page.locator("[name=share]").waitFor();
  eye.report.same(`${eye.part}: nothing is consented to beforehand`, await page.locator("[name=share]:checked, [name=behalf]:checked").count(), 0);
  await read(10);
  await page.locator("[name=share]").check({ force: true });
  await look("take over");
  await eye.press("desk.claim.do");
  await page.waitForURL(/\/frameworks\//);
  eye.org = /^\/orgs\/[a-z0-9]+/.exec(eye.path())[0];
}

// afterwards: the desk sees how far, and the company sees that the desk looked.
async function afterwards({ report, eyes }, clerk) {
  const eye = eyes.find((e) => e.part.endsWith("-owner"));
  await openCase(clerk, "みほん名簿 007");
  await clerk.look("case, claimed");
  await eye.page.goto(`${eye.org}/desk`);
  report.holds(`${eye.part}: the company sees that the desk looked`, await eye.text(), eye.say("desk.look.case"));
  await eye.look("what the desk sees");
  await eye.page.locator("form[action$=revoke] button").first().click();
  await eye.page.waitForLoadState();
  await eye.look("what the desk sees, nothing");
  await clerk.page.goto(clerk.case);
  report.holds(`${clerk.part}: after that the desk no longer sees how far`, await clerk.text(), clerk.say("desk.unshared"));
}

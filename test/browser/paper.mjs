// An owner who signs on paper: a sheet is made, signed, photographed, and the
// record says so wherever it is shown.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Region, today } from "./region.mjs";

const partner = "fukudaihyo@example.jp";

export function paper(browser, report) {
  return Region.walk("paper", browser, report, async (region) => {
    const eye = await region.enter("manager", "manager");
    await make(region, eye);
    await sign(region, eye);
    await withdrawOne(region, eye);
    await deny(region, eye);
  });
}

async function make({ report, house }, eye) {
  await eye.page.goto(`${eye.org}/papers`);
  await eye.look("papers, none yet");
  await eye.follow("approval.act.org.owner-invitation");
  await eye.look("new paper");
  await eye.fill({ input: partner });
  await eye.press("approval.new.do");
  await eye.page.waitForURL(/\/papers\/[a-z0-9]{20,}$/);
  eye.sheet = eye.path();
  report.holds(`${eye.part}: the sentence to be signed names the address`, await eye.text(), partner);
  await eye.look("paper, to be signed");
  const pdf = await (await eye.context.request.get(`${eye.sheet}/sheet.pdf`)).body();
  const file = join(process.env.MINAMORI_WORK, "approval.pdf");
  writeFileSync(file, pdf);
  const about = spawnSync("pdfinfo", [file], { encoding: "utf8" }).stdout;
  report.same(`${eye.part}: the sheet is one page`, /Pages:\s+(\d+)/.exec(about)?.[1], "1");
  report.holds(`${eye.part}: the sheet says what is approved`, spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout, partner);
  spawnSync("pdftoppm", ["-png", "-r", "60", file, new URL("shots/paper-sheet", import.meta.url).pathname]);
  spawnSync("pdftoppm", ["-png", "-r", "50", "-singlefile", file, join(process.env.MINAMORI_WORK, "署名済み")]);
  report.same(`${eye.part}: nothing is sent before it is signed`, house.mailed(partner), false);
}

async function sign({ report, house }, eye) {
  await eye.page.goto(eye.sheet);
  await eye.fill({ signer: "代表 001", signed_on: today(1) });
  await eye.page.locator("[name=file]").setInputFiles(join(process.env.MINAMORI_WORK, "署名済み.png"));
  await eye.press("approval.upload.do");
  await eye.look("paper, a day that has not come", { status: 422 });
  report.same(`${eye.part}: the signer's name stays`, await eye.page.locator("[name=signer]").inputValue(), "代表 001");
  await eye.fill({ signed_on: today() });
  await eye.page.locator("[name=file]").setInputFiles(join(process.env.MINAMORI_WORK, "署名済み.png"));
  await eye.press("approval.upload.do");
  await eye.page.waitForLoadState();
  const onPaper = /紙で承認/;
  report.check(`${eye.part}: the sheet says that it was approved on paper`, onPaper.test(await eye.text()) ? "" : await eye.text());
  report.holds(`${eye.part}: and who uploaded it`, await eye.text(), eye.person.name);
  await eye.look("paper, signed");
  await eye.page.goto(`${eye.org}/people`);
  report.check(`${eye.part}: the invitation is marked as approved on paper`, onPaper.test(await eye.text()) ? "" : await eye.text());
  await eye.look("people, one invited on paper");
  report.holds(`${eye.part}: the signed act happened`, await house.letterTo(partner), "/invitations/");
  const picture = await eye.context.request.get(`${eye.sheet}/signed`);
  report.holds(`${eye.part}: the signed sheet comes as an attachment`, picture.headers()["content-disposition"] ?? "", "attachment");
}

async function withdrawOne({ report }, eye) {
  await eye.page.goto(`${eye.org}/papers/new?act=org.owner`);
  await eye.look("new paper, a person of the company");
  await eye.page.locator("[name=input]").first().check({ force: true });
  await eye.press("approval.new.do");
  await eye.page.waitForURL(/\/papers\/[a-z0-9]{20,}$/);
  await eye.page.locator("details.more summary, main details summary").last().click();
  await eye.look("paper, to be withdrawn");
  await eye.press("approval.withdraw.do");
  await eye.page.waitForLoadState();
  report.holds(`${eye.part}: a sheet that was not signed can be withdrawn`, await eye.text(), eye.say("approval.lead.withdrawn"));
  await eye.page.goto(`${eye.org}/papers`);
  await eye.look("papers");
}

// deny lets the owner say that the signature is not known.
async function deny(region, eye) {
  const owner = await region.enter("owner", "owner");
  await owner.page.goto(eye.sheet);
  await owner.page.locator("main details summary").last().click();
  await owner.look("signed paper, for the owner");
  await owner.press("approval.deny.do");
  await owner.page.waitForLoadState();
  region.report.holds(`${owner.part}: an owner can say that he does not recognise it`, await owner.text(), owner.say("approval.lead.denied"));
  await owner.look("paper, not recognised");
}

// A helper's month, and the operator's support: who sees what, until when, and
// that the company sees each look.
import { keepCodes, makePasskey } from "./entry.mjs";
import { link, Region } from "./region.mjs";

const helper = { name: "支援 あおい", email: "aoi@example.jp", organisation: "みほん士業事務所", qualification: "登録セキスペ 第999998号（架空）" };
const words = "バックアップは、1つをネットワークから外しておくと安心です。";
const question = "/frameworks/self-diagnosis-25/items/2";

export function helping(browser, report) {
  return Region.walk("helper", browser, report, async (region) => {
    const owner = await region.enter("owner", "owner", { device: "desktop" });
    const invited = await invite(region, owner);
    const eye = await accept(region, invited);
    await advise(region, eye, owner.org);
    await companySees(region, owner);
    await end(region, owner, eye);
  });
}

async function invite({ report, house }, eye) {
  await eye.page.goto(`${eye.org}/helpers`);
  await eye.look("helpers");
  await eye.follow("helper.invite");
  await eye.look("invite a helper");
  await eye.fill({ email: helper.email, reason: "25問の結果の見方と、次にすることを教えてください。" });
  report.same(`${eye.part}: 30 days are offered`, await eye.page.locator("[name=days]").inputValue(), "30");
  for (const part of await eye.page.locator("[name=parts]").all()) await part.uncheck({ force: true });
  await eye.press("org.invite.send");
  await eye.look("invite a helper, nothing to show", { status: 422 });
  for (const part of ["profile", "answers"]) await eye.page.locator(`[name=parts][value=${part}]`).check({ force: true });
  await eye.press("org.invite.send");
  await eye.page.waitForURL(/\/helpers$/);
  await eye.look("helpers, one invited");
  return link(await house.letterTo(helper.email), "/help-invitations/");
}

async function accept(region, url) {
  const eye = await region.open("helper");
  await eye.page.goto(url);
  await eye.look("invitation");
  await eye.follow("org.invitation.new");
  await eye.fill({ name: helper.name, email: helper.email });
  await eye.press("account.go-on");
  await eye.page.waitForURL(/\/account\/ways/);
  await makePasskey(eye);
  await keepCodes(eye);
  await eye.page.waitForURL(/\/help-invitations\//);
  await eye.fill({ name: helper.name, organisation: helper.organisation, qualification: helper.qualification });
  await eye.look("invitation, logged in");
  await eye.press("helper.invitation.accept");
  await eye.page.waitForURL(/\/helping/);
  return eye;
}

// advise walks through what was granted, and finds the rest closed.
async function advise({ report }, eye, company) {
  await eye.page.goto("/helping");
  await eye.look("companies I help");
  await eye.page.locator("main li h2 a").first().click();
  await eye.page.waitForURL(/\/helping\/[a-z0-9]+$/);
  eye.grant = eye.path();
  await eye.look("company I help");
  await eye.page.locator("#frameworks a, section a[href*=self-diagnosis-25]").first().click();
  await eye.look("answers of the company");
  await eye.page.goto(eye.grant + question);
  await eye.look("one answer");
  await eye.fill({ advice: words });
  await eye.press("helper.advise.do");
  await eye.page.waitForLoadState();
  report.holds(`${eye.part}: the advice stands beside the answer`, await eye.text(), words);
  await eye.look("one answer, advised");
  for (const path of ["", "/people", "/journal", "/helpers", "/tokens", "/frameworks/self-diagnosis-25/result.csv"]) await refused(eye, company + path, path);
}

// refused asks for what no helper gets; the company's own pages are not there for one.
async function refused(eye, url, name) {
  const answer = await eye.context.request.get(url);
  eye.report.same(`${eye.part}: a helper does not get ${name || "the home"} of the company`, answer.status(), 404);
}

async function companySees({ report }, eye) {
  await eye.page.goto(`${eye.org}/helpers`);
  report.holds(`${eye.part}: the advice reached the company`, await eye.text(), words);
  report.holds(`${eye.part}: nobody has checked what a helper says of himself`, await eye.text(), eye.say("helper.qualification.unchecked"));
  await eye.look("helpers, with advice");
  await eye.page.getByRole("link", { name: helper.name }).first().click();
  await eye.page.waitForURL(/\/helpers\/[a-z0-9]+$/);
  for (const page of ["overview", "answers", "item"]) report.holds(`${eye.part}: the look at “${page}” is shown`, await eye.text(), eye.say(`helper.page.${page}`));
  await eye.look("what the helper looked at");
  await eye.page.goto(eye.org + question);
  await eye.look("question, with advice");
}

// end revokes at once. That a grant runs out by itself is tried with a clock in
// domain/helper: this process has the clock of the machine.
async function end({ report }, owner, eye) {
  await owner.page.goto(`${owner.org}/helpers`);
  await owner.page.locator("main li", { hasText: helper.name }).locator("form[action$=revoke] button").click();
  await owner.page.waitForURL(/\/helpers$/);
  await owner.look("helpers, one ended");
  for (const [name, path] of [["company", ""], ["list of answers", "/frameworks/self-diagnosis-25"], ["answer", question]]) {
    const answer = await eye.page.goto(eye.grant + path);
    report.same(`${eye.part}: after the end the ${name} is gone`, answer.status(), 404);
  }
  await eye.look("nothing to see any more", { status: 404 });
  await eye.page.goto("/helping");
  report.holds(`${eye.part}: the list of companies is empty`, await eye.text(), eye.say("helper.helping.empty"));
  await eye.look("no company to help");
}

// The whole way of a newcomer: set-up link, account, company, 25 answers,
// result, paper, colleague, group.
import { answerAll } from "./answers.mjs";
import { Eye } from "./eye.mjs";
import { giveDevice, keepCodes, logInByPasskey, logInByPassword, makePasskey, makePassword, passkeysOf } from "./entry.mjs";
import { colleagueJoins, groupForms } from "./together.mjs";
import { lookAtResult } from "./result.mjs";
import { House } from "./house.mjs";
import { fictionalNumber } from "./secrets.mjs";

const people = {
  ja: { name: "皆川 まもる", email: "mamoru@example.jp", company: "株式会社髙﨑𠮷野製作所" },
  en: { name: "Mamoru Minagawa", email: "mamoru@example.jp", company: "Takasaki Yoshino Works" },
};

export async function newcomer(browser, report, way) {
  const house = await House.open(way.name);
  const trip = { browser, report, way, house, person: people[way.lang], serial: way.js ? 11 : 12 };
  const eye = await visitor(trip);
  await openAccount(trip, eye);
  await registerCompany(trip, eye);
  trip.resume = () => resumeElsewhere(trip, eye);
  await answerAll(trip, eye);
  await lookAtResult(trip, eye);
  await colleagueJoins(trip, eye);
  await groupForms(trip, eye);
  await wrongTurns(trip, eye);
  await leave(trip, eye);
  report.same(`${way.name}: the server stops in order`, await house.close(), 0);
  report.check(`${way.name}: the server's log has no error`, house.log.split("\n").filter((l) => l.includes('"ERROR"')).join("\n"));
}

// visitor is somebody new with a browser of their own.
export function visitor(trip) {
  const { browser, report, way, house } = trip;
  return Eye.open(browser, report, house.ready, { part: way.name, ...way });
}

async function openAccount(trip, eye) {
  const { report, house, person } = trip;
  await eye.page.goto("/");
  await eye.look("a stranger's first page");
  await eye.page.goto(house.setup);
  await eye.look("set-up link");
  await eye.fill({ name: person.name, email: "not an address" });
  await eye.page.locator("form").first().evaluate((form) => (form.noValidate = true));
  await eye.press("account.go-on");
  report.same(`${eye.part}: the name stays beside a wrong address`, await eye.page.locator("#f-name").inputValue(), person.name);
  await eye.look("set-up link, wrong address", { status: 422 });
  await eye.fill({ email: person.email });
  await eye.press("account.go-on");
  await eye.page.waitForURL(/\/account\/ways/);
  await (trip.way.js ? makePasskey(eye) : makePassword(eye));
  await keepCodes(eye);
  const second = await visitor(trip);
  await second.page.goto(house.setup);
  await second.look("set-up link, used up", { status: 410 });
  report.same(`${eye.part}: the set-up link works once`, await second.page.locator("form [name=code]").count(), 0);
  await second.close();
}

// registerCompany types a number of twelve digits first.
export async function registerCompany(trip, eye) {
  const { report, person, serial } = trip;
  const { page, part } = eye;
  await page.waitForURL(/\/orgs\/new/);
  await eye.look("company");
  const number = fictionalNumber(serial);
  const typed = { corporate_number: number.slice(0, 12), name: person.company, employees: "12" };
  await eye.fill(typed);
  await page.locator("[name=industry]").selectOption("E");
  await eye.press("org.new.do");
  const twelve = trip.way.lang === "ja" ? "法人番号は13桁です。いま12桁あります。" : "A corporate number has 13 digits. There are 12 now.";
  report.same(`${part}: twelve digits are counted at the field`, (await page.locator("#f-corporate_number-e").innerText()).trim(), twelve);
  for (const [name, value] of Object.entries({ ...typed, industry: "E" })) {
    report.same(`${part}: what was typed as ${name} stays`, await page.locator(`[name="${name}"]`).inputValue(), value);
  }
  await eye.look("company, twelve digits", { status: 422 });
  await eye.fill({ corporate_number: number });
  await eye.press("org.new.do");
  await page.waitForURL(/\/orgs\/[a-z0-9]{20,}$/);
  trip.org = eye.path();
  report.holds(`${part}: the number stands beside the name`, await eye.text(), number);
  await eye.look("home, nothing answered");
}

// resumeElsewhere logs in on another device and goes on where the first stopped.
async function resumeElsewhere(trip, eye) {
  const { report, way, person, org } = trip;
  const other = await visitor(trip);
  await other.page.goto(org);
  report.same(`${way.name}: a stranger is led to the login`, other.path(), "/login");
  await other.look("login");
  if (way.js) {
    await giveDevice(other, await passkeysOf(eye));
    await logInByPasskey(other);
  } else {
    await logInByPassword(other, person.email, "000000");
    await other.look("login, wrong code", { status: 422 });
    report.same(`${way.name}: the address stays after a wrong code`, await other.page.locator("#f-email").inputValue(), person.email);
    await logInByPassword(other, person.email, await eye.app.code());
  }
  await other.page.waitForURL((url) => url.pathname === org);
  await other.look("home, half answered");
  await other.follow("assess.go-on");
  const place = other.path();
  await other.close();
  return place;
}

async function wrongTurns(trip, eye) {
  const { report, way, org } = trip;
  await eye.page.goto(`${org}/no-such-page`);
  await eye.look("nothing here", { status: 404 });
  report.holds(`${way.name}: a wrong address is said in words`, await eye.text(), eye.say("problem.not-found.title"));
  await eye.page.goto(`${org}x`);
  report.holds(`${way.name}: another company's page is not there`, await eye.text(), eye.say("problem.not-found.title"));
  eye.faults.length = 0;
}

async function leave(trip, eye) {
  const { report, way, org } = trip;
  await eye.page.goto("/account");
  await eye.look("my account");
  await eye.page.locator("details.who summary").click();
  await eye.press("menu.logout");
  await eye.page.waitForURL(/\/login/);
  await eye.look("logged out");
  await eye.page.goto(org);
  report.same(`${way.name}: after the logout nothing is shown`, eye.path(), "/login");
  await eye.close();
}

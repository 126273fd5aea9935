// Past every page of a demo region, as each role and in each register.
import { Eye } from "./eye.mjs";
import { below, starWalks } from "./ways.mjs";
import { fillDemo, House } from "./house.mjs";

const packs = ["self-diagnosis-25", "security-action-articles-5", "security-action-articles-6"];
const ofAll = ["", "/people", "/company", "/circles", "/help", "/leave", "/helpers", "/binding", "/emergency", ...packs.map((p) => `/frameworks/${p}`),
  `/frameworks/${packs[0]}/result`, `/frameworks/${packs[1]}/result`, `/frameworks/${packs[0]}/result/print`,
  `/frameworks/${packs[0]}/items/1`, `/frameworks/${packs[0]}/items/25`, `/frameworks/${packs[1]}/items/1`];
const ofManagers = ["/company/edit", "/sites/new", "/relations/new", "/invitations/new", "/circles/new", "/circles/join",
  "/journal", "/tokens", "/tokens/new", "/desk", "/helpers/new", "/helpers/support", "/papers", "/papers/new?act=org.owner-invitation",
  "/papers/new?act=org.owner", "/webhooks", "/webhooks/new", "/emergency/numbers", "/vouching"];
const ofOwners = ["/invitations/owner", "/sharing", "/closing", "/recovery"];
const ofDesks = ["", "/cases/new", "/letters", "/import", "/sheet"];
const open = ["/", "/login", "/demo", "/emergency", "/claim", "/recovery", "/people-here"];
const mine = ["/orgs", "/orgs/new", "/account", "/account/email", "/account/ways", "/account/password", "/account/codes", "/step-up", "/account/old-ways", "/account/erase", "/helping", "/closings"];
const ofOperators = ["/operator", "/operator/support", "/operator/bodies", "/operator/disputes", "/operator/recoveries", "/operator/workbooks"];

// A desk is a walk past the counter of the circle that the organisation runs.
const walks = [
  { lang: "ja", who: "owner", width: 1280, pages: [...ofAll, ...ofManagers, ...ofOwners], own: mine },
  { lang: "easy", who: "manager", width: 390, pages: [...ofAll, ...ofManagers], own: mine },
  { lang: "en", who: "viewer", width: 390, pages: ofAll, own: mine },
  { lang: "en", who: "manager", width: 1280, pages: ofManagers, own: [] },
  { lang: "easy", who: "代表 001", width: 1280, pages: ofOwners, own: [] },
  { lang: "en", who: "代表 002", width: 390, pages: ofOwners, own: [] },
  { lang: "easy", who: "operator", width: 1280, pages: [], own: ["/orgs", "/account", ...ofOperators] },
  { lang: "en", who: "運営 じろう", width: 390, pages: [], own: ofOperators },
  { lang: "easy", who: "helper", width: 390, pages: [], own: [], helps: true },
  { lang: "en", who: "helper", width: 1280, pages: [], own: [], helps: true },
  { lang: "easy", who: "代表 003", width: 1280, pages: ["/vouching", "/vouching/new"], own: [], desk: true },
  { lang: "en", who: "代表 003", width: 390, pages: ["/vouching", "/vouching/new"], own: [], desk: true },
];

export const tour = (browser, report) => past(browser, report, "demo", walks);
export const ways = (browser, report) => past(browser, report, "ways", starWalks.filter((walk) => !walk.more || process.argv.includes("--thorough")));

async function past(browser, report, name, walks) {
  const people = fillDemo(name, 40);
  const house = await House.open(name);
  const waiting = [...walks];
  const walker = async () => {
    for (let walk = waiting.shift(); walk; walk = waiting.shift()) await walkAs(browser, report, house, people, { name, ...walk });
  };
  await Promise.all([walker(), walker()]);
  report.same(`${name}: the server stops in order`, await house.close(), 0);
  report.check(`${name}: the server's log has no error`, house.log.split("\n").filter((l) => l.includes('"ERROR"')).join("\n"));
}

async function walkAs(browser, report, house, people, walk) {
  const person = people.find((p) => p.role === walk.who || p.name.includes(walk.who));
  const part = `${walk.name}-${walk.lang}-${walk.who.replace(/\s/g, "")}`;
  const eye = await Eye.open(browser, report, house.ready, {
    part, lang: walk.lang, js: true, viewport: { width: walk.width, height: 800 }, languageCookie: walk.lang === "easy" ? "ja-x-easy" : walk.lang,
  });
  if (walk.own === mine) for (const path of open) await visit(eye, path);
  eye.enter = () => enter(eye, person);
  await eye.enter();
  for (const path of walk.own) await visit(eye, path);
  for (const path of walk.pages) await visit(eye, `/orgs/${person.org}${path}`, path || "/home");
  if (walk.own === mine) await deeper(eye, person);
  if (walk.desk) await counter(eye, person);
  if (walk.helps) await helping(eye);
  if (walk.below) await oneOfEach(eye, person, walk.below);
  if (walk.reviews) await reviewing(eye);
  await eye.close();
}

async function enter(eye, person) {
  await eye.page.goto("/demo");
  await eye.page.locator(`[name=account][value="${person.account}"]`).locator("xpath=ancestor::form").locator("button").click();
  await eye.page.waitForURL((url) => url.pathname !== "/demo");
}

// deeper follows to what has a name of its own: one group, one colleague, one
// sheet, one helper.
async function deeper(eye, person) {
  for (const [list, links] of [["circles", "tbody a"], ["people", "tbody a"], ["papers", "tbody a"], ["webhooks", "a[href*='/webhooks/']:not([href$=new])"], ["helpers", "li h3 a"]]) {
    await eye.page.goto(`/orgs/${person.org}/${list}`);
    await follow(eye, `main ${links}`, `/${list}/one`);
  }
  eye.faults.length = 0;
}

async function counter(eye, person) {
  await eye.page.goto(`/orgs/${person.org}/circles`);
  const desk = `${await eye.page.locator("main tbody a").first().getAttribute("href")}/desk`;
  for (const path of ofDesks) await visit(eye, desk + path, `/desk${path}`);
  await eye.page.goto(`${desk}?q=006`);
  await follow(eye, "main tbody a", "/desk/case");
  await follow(eye, "main a[href$='/entry']", "/desk/entry");
}

async function helping(eye) {
  await visit(eye, "/helping");
  await follow(eye, "main li h2 a", "/helping/company");
  await follow(eye, "main tbody a", "/helping/answers");
  await follow(eye, "main tbody a", "/helping/answer");
}

// oneOfEach follows each list of the ways to a star to one thing of it.
async function oneOfEach(eye, person, role) {
  for (const { list, links, pages, owner = [] } of below) {
    await eye.page.goto(`/orgs/${person.org}/${list}`);
    const found = await eye.page.locator(`main ${links}`).evaluateAll((all) => [...new Set(all.map((a) => a.pathname))]);
    eye.report.check(`${eye.part}: ${list} leads on`, found.length ? "" : `no ${links}`);
    for (const path of found.slice(0, 2)) {
      const name = `/${list}/one-${found.indexOf(path) + 1}`;
      await visit(eye, path, name);
      for (const page of [...pages, ...(role === "owner" ? owner : [])]) await visit(eye, path + page, name + page);
    }
  }
  await eye.page.goto(`/orgs/${person.org}/policies`);
  await eye.page.locator("main a[href*='/policies/']").first().click();
  await follow(eye, "#public-address", "/policies/public");
}

async function reviewing(eye) {
  await visit(eye, "/reviewing");
  const seats = await eye.page.locator("main h2 a").evaluateAll((all) => all.map((a) => a.pathname));
  for (const [n, seat] of seats.entries()) await visit(eye, seat, `/reviewing/one-${n + 1}`);
  await visit(eye, `${seats.at(-1)}/confirm`, "/reviewing/confirm");
}

async function follow(eye, links, name) {
  const link = eye.page.locator(links).first();
  if (await link.count()) await visit(eye, await link.getAttribute("href"), name);
}

// visit logs in anew where a page asks for a fresh login and this one is old.
async function visit(eye, path, name = path) {
  let answer = await eye.page.goto(path);
  if (eye.path() === "/step-up" && path !== "/step-up") {
    await eye.enter();
    answer = await eye.page.goto(path);
  }
  eye.report.same(`${eye.part}: ${name} is there`, answer.status(), 200);
  await eye.look(name === "/" ? "start" : name.slice(1), { schemes: eye.lang === "ja" ? ["dark", "light"] : ["light"] });
}

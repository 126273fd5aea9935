// A region of the demo for one journey: its people, each with a browser.
import { Eye } from "./eye.mjs";
import { fillDemo, House } from "./house.mjs";

const phone = { viewport: { width: 390, height: 844 }, other: 1280 };
const desktop = { viewport: { width: 1280, height: 800 }, other: 390 };

export class Region {
  static async walk(part, browser, report, journey) {
    const region = new Region();
    Object.assign(region, { part, browser, report, people: fillDemo(part, 12), eyes: [] });
    region.house = await House.open(part);
    await journey(region);
    for (const eye of region.eyes) await eye.close();
    report.same(`${part}: the server stops in order`, await region.house.close(), 0);
    report.check(`${part}: the server's log has no error`, region.house.log.split("\n").filter((l) => l.includes('"ERROR"')).join("\n"));
  }

  // person finds somebody by role, or by a part of the name.
  person(who) {
    return this.people.find((p) => p.role === who || p.name.includes(who));
  }

  // open gives somebody a browser, who has not logged in yet.
  async open(who, { device = "phone", lang = "ja", js = true } = {}) {
    const eye = await Eye.open(this.browser, this.report, this.house.ready, {
      part: `${this.part}-${who}`, lang, js, languageCookie: lang === "easy" ? "ja-x-easy" : lang, ...(device === "phone" ? phone : desktop),
    });
    this.eyes.push(eye);
    return eye;
  }

  // enter is open for a person of the demo, logged in.
  async enter(who, label, options) {
    const person = this.person(who);
    const eye = await this.open(label, options);
    await eye.page.goto("/demo");
    await eye.page.locator(`[name=account][value="${person.account}"]`).locator("xpath=ancestor::form").locator("button").click();
    await eye.page.waitForURL((url) => url.pathname !== "/demo");
    eye.person = person;
    if (person.org) eye.org = `/orgs/${person.org}`;
    return eye;
  }
}

// link finds the first address of a path in a letter.
export function link(letter, path) {
  const found = new RegExp(`http://localhost:\\d+${path}\\S*`).exec(letter)?.[0];
  if (!found) throw new Error(`no ${path} in ${letter}`);
  return found;
}

// today is a day of the calendar in Japan, some days from now.
export function today(days = 0) {
  return new Date(Date.now() + days * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
}

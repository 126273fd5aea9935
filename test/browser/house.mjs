// The program under test: one process with a data folder of its own.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const work = process.env.MINAMORI_WORK;
const binary = join(work, "minamori");

const running = new Set();

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

// run lets a command of the program do its work, as an operator types it.
export function run(...words) {
  const done = spawnSync(binary, words, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${words.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

export function fillDemo(name, companies) {
  const data = join(work, name);
  run("demo", "--data", data, "--companies", String(companies));
  return JSON.parse(readFileSync(join(data, "demo.json"), "utf8")).people;
}

export class House {
  static async open(name) {
    const house = new House();
    running.add(house);
    house.data = join(work, name);
    mkdirSync(house.data, { recursive: true });
    house.process = spawn(binary, ["serve", "--data", house.data, "--listen", `localhost:${await freePort()}`]);
    house.log = "";
    house.process.stderr.on("data", (text) => (house.log += text));
    for await (const line of createInterface({ input: house.process.stdout })) {
      const [word, url] = line.split(": ");
      house[word] = url;
      if (word === "ready") return house;
    }
    throw new Error(`serve ended: ${house.log}`);
  }

  async close() {
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    running.delete(this);
    return (await ended)[0];
  }

  // endAll leaves no process behind, whatever happened.
  static endAll() {
    for (const house of running) house.process.kill("SIGKILL");
  }

  // letterTo waits for the mail to somebody and returns its text.
  async letterTo(address) {
    for (let tries = 0; tries < 100; tries++) {
      for (const mail of this.#outbox()) if (mail.includes(`<${address}>`) || mail.includes(`To: ${address}`)) return mail;
      await new Promise((later) => setTimeout(later, 100));
    }
    throw new Error(`no letter to ${address}`);
  }

  // mailed says whether anything was sent to somebody so far.
  mailed(address) {
    return this.#outbox().some((mail) => mail.includes(address));
  }

  #outbox() {
    const folder = join(this.data, "outbox");
    if (!existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => name.endsWith(".eml"))
      .map((name) => unquote(readFileSync(join(folder, name), "latin1")));
  }
}

// unquote undoes quoted-printable (RFC 2045, 6.7).
function unquote(text) {
  const joined = text.replace(/=\r?\n/g, "");
  const raw = joined.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(raw, "latin1").toString("utf8");
}

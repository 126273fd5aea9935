// The program under test: one process with a data folder of its own.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
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

export function fillDemo(name, companies) {
  const data = join(work, name);
  const made = spawnSync(binary, ["demo", "--data", data, "--companies", String(companies)], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`demo: ${made.stderr}`);
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

  #outbox() {
    const folder = join(this.data, "outbox");
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

// The words of the pages, read from the catalogues, so that a test presses what
// a reader sees.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../content/i18n");
const catalogue = new Map();

for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
  let key = "";
  for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
    const head = /^([a-z][\w.-]*):/.exec(line);
    if (head) key = head[1];
    const texts = line.startsWith(" ") ? line.matchAll(/^ {2}(ja|easy|en):\s+(.+)$/g) : line.matchAll(/[{ ](ja|easy|en): ("(?:[^"\\]|\\.)*"|[^,}]+)/g);
    for (const [, lang, text] of texts) catalogue.set(`${key} ${lang}`, plain(text));
  }
}

function plain(yaml) {
  if (yaml.startsWith('"')) return JSON.parse(yaml.replace(/\s+#.*$/, ""));
  return yaml.trim();
}

// say returns the text of a key; texts that change with a number are not among them.
export function say(lang, key, args = {}) {
  const text = catalogue.get(`${key} ${lang}`);
  if (text === undefined) throw new Error(`no text ${key} in ${lang}`);
  return text.replace(/\{(\w+)\}/g, (hole, name) => args[name] ?? hole);
}

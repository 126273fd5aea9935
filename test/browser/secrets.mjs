// What a person's phone and the registry compute.
import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(text) {
  let bits = "";
  for (const letter of text.replace(/\s/g, "")) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

const period = 30_000;

// App is an authenticator app (RFC 6238). The program takes each code once and
// one step ahead, so the next code may be that of the coming half minute.
export class App {
  constructor(secret) {
    this.key = base32(secret);
    this.last = 0;
  }

  async code() {
    const step = Math.max(this.last + 1, Math.floor(Date.now() / period));
    const wait = (step - 1) * period + 500 - Date.now();
    if (wait > 0) await new Promise((later) => setTimeout(later, wait));
    this.last = step;
    const count = Buffer.alloc(8);
    count.writeBigUInt64BE(BigInt(step));
    const mac = createHmac("sha1", this.key).update(count).digest();
    const from = mac[19] & 15;
    return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
  }
}

// fictionalNumber is a 法人番号 of a registry office that does not exist. Its
// check digit is 9 − Σ(Pn·Qn) mod 9, Qn being 1 and 2 in turn from the right.
export function fictionalNumber(serial) {
  const base = "999901" + String(serial).padStart(6, "0");
  const sum = [...base].reverse().reduce((all, digit, n) => all + Number(digit) * (n % 2 === 0 ? 1 : 2), 0);
  return String(9 - (sum % 9)) + base;
}

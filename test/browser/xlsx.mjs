// A workbook as people really keep a list of members: written by hand, the least
// that Excel's format (ECMA-376) needs. And a workbook of ours as Excel keeps it
// after somebody has typed into it.
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const escape = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");
const column = (n) => String.fromCharCode(65 + n);

function cell(value, at) {
  if (value === "" || value === undefined) return "";
  if (typeof value === "number") return `<c r="${at}"><v>${value}</v></c>`;
  return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escape(value)}</t></is></c>`;
}

// workbook makes a file of rows of cells: text, numbers, or nothing.
export function workbook(rows, merged = []) {
  const data = rows.map((row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, `${column(c)}${r + 1}`)).join("")}</row>`).join("");
  const merge = merged.length ? `<mergeCells count="${merged.length}">${merged.map((ref) => `<mergeCell ref="${ref}"/>`).join("")}</mergeCells>` : "";
  const ns = "http://schemas.openxmlformats.org";
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  return zip({
    "[Content_Types].xml": `${head}<Types xmlns="${ns}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="rId1" Type="${ns}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${head}<workbook xmlns="${ns}/spreadsheetml/2006/main" xmlns:r="${ns}/officeDocument/2006/relationships"><sheets><sheet name="会員名簿" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="rId1" Type="${ns}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `${head}<worksheet xmlns="${ns}/spreadsheetml/2006/main"><sheetData>${data}</sheetData>${merge}</worksheet>`,
  });
}

// cellsOf reads the texts of the first sheet: a map from a cell to its text.
export function cellsOf(file) {
  const cells = new Map();
  for (const [, at, text] of unzip(file)[firstSheet].toString().matchAll(/<c r="([A-Z]+\d+)"[^>]*t="inlineStr"[^>]*><is><t[^>]*>([^<]*)<\/t>/g)) cells.set(at, text);
  return cells;
}

// typed is the workbook after somebody typed into cells of the first sheet.
export function typed(file, changes) {
  const files = unzip(file);
  let sheet = files[firstSheet].toString();
  for (const [at, text] of Object.entries(changes)) {
    const cell = new RegExp(`(<c r="${at}"[^>]*)t="inlineStr"([^>]*>)<is><t[^>]*>[^<]*</t></is>`);
    if (!cell.test(sheet)) throw new Error(`no cell ${at}`);
    sheet = sheet.replace(cell, (_, before, after) => `${before}t="inlineStr"${after}<is><t xml:space="preserve">${escape(text)}</t></is>`);
  }
  return zip({ ...files, [firstSheet]: sheet });
}

// bomb is a workbook of a few kilobytes that becomes mebibytes of sheet.
export function bomb(file, mebibytes) {
  const files = unzip(file), row = '<row r="1"><c r="A1"><v>1</v></c></row>'.padEnd(1024);
  const sheet = files[firstSheet].toString().replace("<sheetData>", () => `<sheetData>${row.repeat(mebibytes * 1024)}`);
  return zip({ ...files, [firstSheet]: sheet }, true);
}

const firstSheet = "xl/worksheets/sheet1.xml";

// unzip reads files by the central directory at the end.
function unzip(file) {
  const files = {};
  let at = file.readUInt32LE(file.lastIndexOf(Buffer.from("PK\x05\x06")) + 16);
  while (file.readUInt32LE(at) === 0x02014b50) {
    const [method, size, name, extra, comment] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20), file.readUInt16LE(at + 28), file.readUInt16LE(at + 30), file.readUInt16LE(at + 32)];
    const local = file.readUInt32LE(at + 42), body = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const packed = file.subarray(body, body + size);
    files[file.toString("utf8", at + 46, at + 46 + name)] = method === 8 ? inflateRawSync(packed) : packed;
    at += 46 + name + extra + comment;
  }
  return files;
}

// zip stores files, without packing them unless asked to.
function zip(files, pack = false) {
  const locals = [], centrals = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const plain = Buffer.from(text), path = Buffer.from(name);
    const body = pack ? deflateRawSync(plain) : plain;
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x0800, 2); // names are UTF-8
    about.writeUInt16LE(pack ? 8 : 0, 4);
    about.writeUInt16LE(0x5a21, 8);
    about.writeUInt32LE(crc32(plain), 10);
    about.writeUInt32LE(body.length, 14);
    about.writeUInt32LE(plain.length, 18);
    about.writeUInt16LE(path.length, 22);
    locals.push(Buffer.from("PK\x03\x04"), about, path, body);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    centrals.push(Buffer.from("PK\x01\x02\x14\x00"), about, place, path);
    at += 30 + path.length + body.length;
  }
  const central = Buffer.concat(centrals), end = Buffer.alloc(18), n = Object.keys(files).length;
  end.writeUInt16LE(n, 4);
  end.writeUInt16LE(n, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}

// Reads the table `movielens` out of Debian's r-cran-dslabs and writes it as CSV, so that nobody installs R for one table.
//
//   node movielens.mjs FOLDER > ratings.csv        FOLDER: .../site-library/dslabs/data
//
// R keeps lazily loaded data in two files: Rdata.rdx, a gzipped R list that gives each table's place [offset, length], and
// Rdata.rdb, the tables one after another, each a big-endian uint32 (size when unpacked) and a zlib stream. Both hold R's
// own serialisation in its XDR form ("R Internals", section 1.8), of which the few types that a data frame needs are read here.
// The output is what write.csv(movielens, row.names = FALSE) prints, byte for byte.
import { readFileSync, writeSync } from "node:fs";
import { gunzipSync, inflateSync } from "node:zlib";
import { join } from "node:path";

const kMissingInteger = -2147483648;

/** One R object: plain vectors become arrays, with the attributes (names, levels, ...) in a property of the same name. */
function unserialize(bytes) {
  let at = 0;
  const symbols = []; // a symbol is written once and then referred to by its number
  const int = () => (at += 4, bytes.readInt32BE(at - 4));
  const double = () => (at += 8, bytes.readDoubleBE(at - 8));
  const text = (length) => (at += length, bytes.toString("utf8", at - length, at));
  const many = (read) => Array.from({ length: int() }, read);

  function pairs(flags) { // a linked list of tagged values: how R keeps attributes
    const found = {};
    while ((flags & 255) === 2) {
      if (flags & 0x200) object();
      const tag = flags & 0x400 ? object() : "";
      found[tag] = object();
      flags = int();
    }
    return found;
  }

  function object() {
    const flags = int();
    const withAttributes = (values) => Object.assign(values, { attributes: flags & 0x200 ? pairs(int()) : {} });
    switch (flags & 255) {
      case 254: return null;
      case 255: return symbols[(flags >> 8 || int()) - 1];
      case 1: return symbols[symbols.push(object()) - 1];
      case 2: return pairs(flags);
      case 9: { const length = int(); return length < 0 ? null : text(length); }
      case 10: case 13: return withAttributes(many(int));
      case 14: return withAttributes(many(double));
      case 16: case 19: return withAttributes(many(object));
      default: throw new Error(`R type ${flags & 255} at byte ${at} is not one that a table of numbers and text needs`);
    }
  }

  if (text(2) !== "X\n") throw new Error("not R's XDR serialisation");
  const version = int();
  at += 8; // the R version that wrote it, and the oldest that can read it
  if (version === 3) text(int()); // the encoding of text: UTF-8
  return object();
}

function readTable(folder, table) {
  const places = unserialize(gunzipSync(readFileSync(join(folder, "Rdata.rdx"))))[0];
  const place = places[places.attributes.names.indexOf(table)];
  if (!place) throw new Error(`${folder} holds no table ${table}`);
  const [offset, length] = place;
  const frame = unserialize(inflateSync(readFileSync(join(folder, "Rdata.rdb")).subarray(offset + 4, offset + length)));
  return frame.map((column, i) => ({ name: frame.attributes.names[i], column }));
}

const quoted = (text) => (text === null ? "NA" : `"${text.replaceAll('"', '""')}"`);

/** How write.csv prints the cells of a column: text and factors in quotes, a missing cell as NA. */
function printer({ column }) {
  const levels = column.attributes.levels;
  if (levels) return (i) => (column[i] === kMissingInteger ? "NA" : quoted(levels[column[i] - 1]));
  if (column.every((cell) => cell === null || typeof cell === "string")) return (i) => quoted(column[i]);
  return (i) => (column[i] === kMissingInteger || Number.isNaN(column[i]) ? "NA" : String(column[i]));
}

const columns = readTable(process.argv[2], "movielens");
const print = columns.map(printer);
const lines = [columns.map(({ name }) => quoted(name)).join(",")];
for (let row = 0; row < columns[0].column.length; row++) lines.push(print.map((cell) => cell(row)).join(","));
const output = Buffer.from(lines.join("\n") + "\n");
for (let written = 0; written < output.length; ) written += writeSync(1, output, written);

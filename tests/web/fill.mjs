// Fills the page with a recording: what `labreel export REEL -o X.html` does, for tests, in the one place where its bytes can be
// changed on the way. fill(reel, {labreel, change}) gives the HTML; `change` may edit a page of events.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const built = fileURLToPath(new URL("../../replay/web/built/page.html", import.meta.url));
const lines_of = (reel, sql) => execFileSync("sqlite3", ["-readonly", reel, sql], { encoding: "utf8", maxBuffer: 1 << 30 })
  .split("\n").filter(Boolean);
const json_of = (labreel, args) => JSON.parse(execFileSync(labreel, args, { encoding: "utf8", maxBuffer: 1 << 28 }));

export function facts_of(reel, labreel) {
  const info = json_of(labreel, ["info", reel, "--json"]);
  const state = json_of(labreel, ["show", reel, "--at", "end", "--json"]);
  const notes = lines_of(reel, "select json_object('seq', after_seq, 'kind', kind, 'value', detail) from note").map((line) => JSON.parse(line));
  return {
    name: info.lab, file: basename(reel), labreel: "test", format_version: info.format, complete: info.complete,
    end: "the scenario is done", digest: info.digest, notes,
    ports: state.nodes.flatMap(({ ports }) => ports.map(({ port, addresses, interface_mtu: mtu }) => ({ port, addresses, mtu }))),
  };
}

const part = (bytes) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export function fill(reel, { labreel, change = (page) => page }) {
  const pages = lines_of(reel, "select hex(image) from page order by first_seq").map((hex) => change(Buffer.from(hex, "hex")));
  const facts = facts_of(reel, labreel);
  const stream = Buffer.concat([part(Buffer.from(JSON.stringify(facts))), ...pages.map(part), part(Buffer.alloc(0))]);
  const escaped = facts.name.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return readFileSync(built, "utf8")
    .replace("<title>labreel</title>", () => `<title>${escaped}</title>`)
    .replace('id="recording"></script>', () => `id="recording">${gzipSync(stream).toString("base64")}</script>`);
}

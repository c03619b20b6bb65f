// Compares what the module answers with what the native viewer answers over the same reels, byte for byte.
//
//   node compare.mjs MODULE NATIVE_VIEWER [--positions N] [--forged N] REEL…
//
// Each op at N random positions of each reel (50), in an order that goes forwards and backwards; and verify, which must give
// the digest that the reel claims. With --forged, over N forged versions of each reel instead, at 3 positions: the module must
// answer or refuse as the native viewer does, and never trap; how it words that a body is damaged is its own.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Module, drawing } from './module.mjs';

const [module_path, native_viewer, ...rest] = process.argv.slice(2);
const option = (name, otherwise) => (rest[0] === name ? Number(rest.splice(0, 2)[1]) : otherwise);
const positions = option('--positions', 50);
const forged = option('--forged', 0);
const reels = rest;
if (reels.length === 0) {
  console.error('usage: compare.mjs MODULE NATIVE_VIEWER [--positions N] REEL...');
  process.exit(2);
}
const seed = parseInt((process.env.LABREEL_SEED ?? '1').slice(0, 8), 16) || 1;

const filters = [
  {},
  { bookkeeping: true },
  { kinds: ['frame'] },
  { kinds: ['routing', 'tcp', 'command'] },
  { protocol: 'ospf' },
  { protocol: 'udp', text: 'a' },
  { address: '10.0.12.1' },
  { text: 'DROPPED' },
  { ports: ['r1'] },
  { ports: ['no:port'] },
  { kinds: ['no kind'] },
];

// All ops at one position.
function requests_at(seq, time_ns, draw) {
  const filter = filters[draw(filters.length)];
  const dir = draw(2) === 0 ? 1 : -1;
  return [
    { op: 'state', at: seq },
    { op: 'rows', filter, row: draw(seq + 1), count: draw(40) },
    { op: 'rank', filter, seq },
    { op: 'find', filter, from: seq, dir },
    { op: 'frame', seq },
    { op: 'flights', from_ns: time_ns, to_ns: time_ns + draw(50_000_000), max: draw(200) },
    { op: 'cause', seq },
    { op: 'trace', seq },
    { op: 'conversation', seq, dir },
    { op: 'drop', from: seq, dir },
    { op: 'marker', from: seq, dir },
    { op: 'position', text: ['end', String(seq), `+${time_ns}ns`, 'cut', 'no such marker'][draw(5)] },
    { op: 'terminals', at: seq, bookkeeping: draw(2) === 0 },
  ];
}

function requests_for(last, end_ns, draw, positions) {
  const requests = [{ op: 'hello' }, { op: 'strip', buckets: 1 + draw(2048) }, { op: 'verify' }, { op: 'state', at: last + 1 }, {}];
  for (let i = 0; i < positions; ++i) {
    requests.push(...requests_at(1 + draw(last), draw(Math.min(end_ns, 2 ** 31) + 1), draw));
  }
  return requests.map((request) => JSON.stringify(request));
}

function native_answers(words, requests) {
  const input = requests.map((request) => request + '\n').join('');
  const output = execFileSync(native_viewer, words, { input, maxBuffer: 1 << 30 });
  return output.toString().split('\n').slice(0, -1);
}

// What both must say alike of a damaged recording.
const without_words = (answer) => (answer.startsWith('1') ? '1' : answer.replace(/"end":"it is damaged[^"]*"/, ''));

// Returns how many answers were compared.
async function compare(reel, folder, draw) {
  const stream = path.join(folder, 'stream');
  const words = [reel, stream];
  const [greeting] = native_answers(words, ['{"op":"hello"}']);
  const hello = JSON.parse(greeting.slice(2));
  const requests = requests_for(hello.last ?? 1, hello.end_ns ?? 0, draw, positions);
  const expected = native_answers(words, requests);
  const module = await Module.load(module_path);
  const error = module.open(fs.readFileSync(stream));
  if (error !== null) throw new Error(`the module refuses the recording: ${error}`);
  requests.forEach((request, i) => {
    const [failed, answer] = module.ask(request);
    if (`${failed} ${answer}` !== expected[i]) {
      throw new Error(`${request}\n  native: ${expected[i].slice(0, 2000)}\n  module: ${failed} ${answer.slice(0, 2000)}`);
    }
  });
  const [failed, answer] = module.ask('{"op":"verify"}');
  const verified = JSON.parse(answer);
  if (!failed && hello.complete && hello.digest && verified.digest !== hello.digest) {
    throw new Error(`verify gives the digest ${verified.digest}, and the reel claims ${hello.digest}`);
  }
  return { answers: requests.length, identical: verified.identical === true };
}

// The same over forged versions of a reel.
async function compare_forged(reel, folder, draw) {
  let answers = 0;
  for (let version = 1; version <= forged; ++version) {
    const stream = path.join(folder, 'stream');
    const words = ['--forged', String(version), reel, stream];
    const requests = requests_for(1 + draw(500), 1 + draw(2 ** 31), draw, 3);
    const expected = native_answers(words, requests);
    const module = await Module.load(module_path);
    module.open(fs.readFileSync(stream));
    requests.forEach((request, i) => {
      const [failed, answer] = module.ask(request);
      if (without_words(`${failed} ${answer}`) !== without_words(expected[i])) {
        throw new Error(`version ${version}: ${request}\n  native: ${expected[i].slice(0, 1000)}\n  module: ${failed} ${answer.slice(0, 1000)}`);
      }
    });
    answers += requests.length;
  }
  return { answers, identical: false };
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'labreel-compare-'));
const draw = drawing(seed);
let failures = 0;
let answers = 0;
let identical = 0;
for (const reel of reels) {
  try {
    const compared = await (forged > 0 ? compare_forged : compare)(reel, folder, draw);
    answers += compared.answers;
    if (compared.identical) identical += 1;
  } catch (error) {
    failures += 1;
    console.error(`FAILED: ${reel}: ${error.message}`);
  }
}
fs.rmSync(folder, { recursive: true });
console.log(`${reels.length} reels, ${answers} answers, ${identical} reels verified identical, ${failures} differ (seed ${seed})`);
process.exit(failures === 0 && answers > 0 ? 0 : 1);

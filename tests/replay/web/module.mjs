// The module as a page has it: opened on a stream, asked one request after another. Runs on Node 18.
import fs from 'node:fs';

export class Module {
  static async load(path) {
    const module = await WebAssembly.compile(fs.readFileSync(path));
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      // What it would write goes to stderr, which a page has not: "no such descriptor".
      (imports[from] ??= {})[name] = () => 8;
    }
    const { exports } = await WebAssembly.instantiate(module, imports);
    exports._initialize();
    return new Module(exports);
  }

  constructor(exports) {
    this.exports = exports;
  }

  // Calls a function with an input; returns [0 or 1, the answer's bytes].
  call(name, input) {
    const { memory, labreel_room, labreel_answer, labreel_answer_bytes } = this.exports;
    const at = labreel_room(input.length);
    if (at === 0) throw new Error(`no room for ${input.length} bytes`);
    new Uint8Array(memory.buffer, at, input.length).set(input);
    const failed = this.exports[name](input.length);
    return [failed, Buffer.from(new Uint8Array(memory.buffer, labreel_answer(), labreel_answer_bytes())).toString()];
  }

  // Gives a whole stream, uncompressed; returns the first error, or null.
  open(stream) {
    let at = 0;
    const next = () => {
      const length = stream.readUInt32LE(at);
      at += 4 + length;
      return stream.subarray(at - length, at);
    };
    const [failed, answer] = this.call('labreel_open', next());
    if (failed) return answer;
    for (let page = next(); page.length > 0; page = next()) {
      const [refused, error] = this.call('labreel_page', page);
      if (refused) return error;
    }
    return null;
  }

  ask(request) {
    return this.call('labreel_ask', Buffer.from(request));
  }

  get memory_bytes() {
    return this.exports.memory.buffer.byteLength;
  }
}

// Numbers that look random and are the same for the same seed (mulberry32).
export function drawing(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

// The module: labreel's own fold, decoder and verifier, compiled from the same C++ as the program.

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  labreel_room(bytes: number): number;
  labreel_open(bytes: number): number;
  labreel_page(bytes: number): number;
  labreel_ask(bytes: number): number;
  labreel_answer(): number;
  labreel_answer_bytes(): number;
}

const kNotSupported = 58;  // wasi's ENOTSUP

/** The module gets nothing of the world: each function that it imports says that there is no such thing. */
const stubs_of = (module: WebAssembly.Module): WebAssembly.Imports => {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function") continue;
    (imports[from] ??= {})[name] = name === "proc_exit"
      ? () => { throw new Error("the module ended"); }
      : () => kNotSupported;
  }
  return imports;
};

export interface Answer {
  ok: boolean;
  text: string;
}

/** One recording in one instance of the module. */
export class Recording {
  readonly #to_text = new TextDecoder();
  readonly #to_bytes = new TextEncoder();

  private constructor(private readonly exports: Exports) {}

  static async load(wasm: Uint8Array<ArrayBuffer>): Promise<Recording> {
    const module = await WebAssembly.compile(wasm);
    const instance = await WebAssembly.instantiate(module, stubs_of(module));
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    return new Recording(exports);
  }

  open(facts: Uint8Array): Answer {
    return this.#call(facts, (bytes) => this.exports.labreel_open(bytes));
  }

  page(page: Uint8Array): Answer {
    return this.#call(page, (bytes) => this.exports.labreel_page(bytes));
  }

  ask(request: string): Answer {
    return this.#call(this.#to_bytes.encode(request), (bytes) => this.exports.labreel_ask(bytes));
  }

  #call(input: Uint8Array, call: (bytes: number) => number): Answer {
    const room = this.exports.labreel_room(input.length);
    new Uint8Array(this.exports.memory.buffer, room, input.length).set(input);
    const ok = call(input.length) === 0;
    const answer = new Uint8Array(this.exports.memory.buffer, this.exports.labreel_answer(), this.exports.labreel_answer_bytes());
    return { ok, text: this.#to_text.decode(answer) };
  }
}

// The recording as it lies in the file: base64 of gzip of parts, each with its length before it. The first part are the facts,
// the others pages of the reel; a length of 0 ends them.

export const bytes_of_base64 = (text: string): Uint8Array<ArrayBuffer> => {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
};

export const gunzip = async (packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** The parts of a stream, and whether its end was there: what is cut off plays up to the cut. */
export const parts_of = (stream: Uint8Array<ArrayBuffer>): { parts: Uint8Array<ArrayBuffer>[]; ended: boolean } => {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  while (at + 4 <= stream.length) {
    const length = view.getUint32(at, true);
    if (length === 0) return { parts, ended: true };
    if (length > stream.length - at - 4) break;
    parts.push(stream.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { parts, ended: false };
};

// The loudness of a recording over time, read while its file comes: a WAV file of two channels of G.711. Pure.

/** The formats of sound in a WAV file that recordings have. */
const A_LAW = 6;
const MU_LAW = 7;

/** The most bytes that are looked through for the begin of the sound. */
const LONGEST_HEAD = 65_536;

/** What a byte of A-law stands for, without its sign (ITU-T G.711). */
function aLaw(byte) {
  const bits = byte ^ 0x55;
  const [segment, step] = [(bits >> 4) & 7, ((bits & 15) << 4) + 8];
  return segment === 0 ? step : (step + 256) << (segment - 1);
}

/** The same of mu-law. */
function muLaw(byte) {
  const bits = ~byte & 255;
  return ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
}

/** The loudest sample that either has. */
const LOUDEST = 32_768;

/** How loud each byte is, from 0 to 1. */
const LOUDNESS = new Map([
  [A_LAW, Float32Array.from({ length: 256 }, (_, byte) => aLaw(byte) / LOUDEST)],
  [MU_LAW, Float32Array.from({ length: 256 }, (_, byte) => muLaw(byte) / LOUDEST)],
]);

/** The format of a WAV file and where its sound begins; null where its head has not come yet. Throws where it is another file. */
export function soundOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (place) => String.fromCharCode(...bytes.subarray(place, place + 4));
  if (bytes.length >= 12 && (name(0) !== "RIFF" || name(8) !== "WAVE")) throw new Error("no WAV file");
  let format = null;
  for (let place = 12; place + 8 <= bytes.length; ) {
    const [chunk, size] = [name(place), view.getUint32(place + 4, true)];
    if (chunk === "data") {
      if (!LOUDNESS.has(format)) throw new Error(`a WAV file of format ${format}`);
      return { format, begin: place + 8 };
    }
    if (chunk === "fmt " && place + 12 <= bytes.length) {
      if (view.getUint16(place + 10, true) !== 2) throw new Error("not two channels");
      format = view.getUint16(place + 8, true);
    }
    place += 8 + size + (size % 2);
  }
  if (bytes.length > LONGEST_HEAD) throw new Error("no sound in it");
  return null;
}

/** Reads a file part by part and keeps the loudest sample of each of so many columns, of either channel. */
export class LoudnessReader {
  /** From 0 to 1, by column: of what the callee heard, and of what the callee said. @type {[Float32Array, Float32Array]} */
  columns;
  #head = new Uint8Array(0);
  #loudness = null;
  /** How many bytes the file has, how many of sound have come, and how many of them make a column. */
  #bytes;
  #come = 0;
  #column = 1;

  /** @param {number} columns @param {number} bytes how many the file has in all */
  constructor(columns, bytes) {
    this.columns = [new Float32Array(columns), new Float32Array(columns)];
    this.#bytes = bytes;
  }

  /** Takes the next part. @param {Uint8Array} part */
  take(part) {
    if (this.#loudness) return this.#measure(part);
    const head = new Uint8Array(this.#head.length + part.length);
    head.set(this.#head);
    head.set(part, this.#head.length);
    this.#head = head;
    const sound = soundOf(head);
    if (!sound) return;
    this.#loudness = LOUDNESS.get(sound.format);
    this.#column = Math.max(1, (this.#bytes - sound.begin) / this.columns[0].length);
    this.#head = null;
    this.#measure(head.subarray(sound.begin));
  }

  /** @param {Uint8Array} part */
  #measure(part) {
    const last = this.columns[0].length - 1;
    for (const byte of part) {
      const column = Math.min(last, Math.floor(this.#come / this.#column));
      const channel = this.columns[this.#come % 2];
      const loudness = this.#loudness[byte];
      if (loudness > channel[column]) channel[column] = loudness;
      this.#come++;
    }
  }
}

/** Reads a file to its end. @param {ReadableStream<Uint8Array>} stream @param {LoudnessReader} reader */
export async function readLoudness(stream, reader) {
  const parts = stream.getReader();
  for (;;) {
    const { value, done } = await parts.read();
    if (done) return reader.columns;
    reader.take(value);
  }
}

/** How much of a long file is read for each column, in bytes: a second. */
const SAMPLE = 16_000;

/** How many parts are asked for at once. */
const AT_ONCE = 4;

/** Looks at a second of each column of a long file: `read` gives its bytes from one up to another. @param {(from: number, to: number) => Promise<Uint8Array>} read @param {number} columns @param {number} bytes how many the file has in all */
export async function sampleLoudness(read, columns, bytes) {
  const sound = soundOf(await read(0, Math.min(bytes, LONGEST_HEAD)));
  if (!sound) throw new Error("no sound in it");
  const loudness = LOUDNESS.get(sound.format);
  const found = [new Float32Array(columns), new Float32Array(columns)];
  const place = (column) => sound.begin + 2 * Math.floor(((bytes - sound.begin) * column) / columns / 2);
  const look = async (column) => {
    const from = place(column);
    const part = await read(from, Math.min(place(column + 1), from + SAMPLE));
    for (const channel of [0, 1]) {
      for (let at = channel; at < part.length; at += 2) found[channel][column] = Math.max(found[channel][column], loudness[part[at]]);
    }
  };
  for (let first = 0; first < columns; first += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, columns - first) }, (_, index) => look(first + index)));
  }
  return found;
}

/** A channel as a path: a bar for each column, around a middle line. */
export function wavePath(column, middle, most) {
  const step = 1000 / column.length;
  const bar = (loudness, index) => {
    // Speech is far below the loudest that there can be; a root shows it and keeps what is louder higher.
    const half = Math.max(0.75, most * loudness ** 0.6);
    return `M${(index * step).toFixed(1)} ${(middle - half).toFixed(1)}h2v${(2 * half).toFixed(1)}h-2z`;
  };
  return Array.from(column, bar).join("");
}

// Holds the reader of recordings against one that looks at every sample of a column again, whatever parts the file comes in.

const [format, loudness] = arguments;
const { LoudnessReader, sampleLoudness, soundOf, wavePath } = await import("/console/waveform.js");
const wrong = [];

/** A file of two channels with a chunk that nobody knows before its sound. */
function file(sound) {
  const head = new Uint8Array(64 + 7);
  const view = new DataView(head.buffer);
  const put = (place, text) => [...text].forEach((letter, index) => (head[place + index] = letter.charCodeAt(0)));
  put(0, "RIFF");
  put(8, "WAVEfmt ");
  view.setUint32(16, 18, true);
  view.setUint16(20, format, true);
  view.setUint16(22, 2, true);
  put(38, "JUNK");
  view.setUint32(42, 17, true);
  const begin = 38 + 8 + 18;
  put(begin, "data");
  const bytes = new Uint8Array(begin + 8 + sound.length);
  bytes.set(head.subarray(0, begin + 4));
  new DataView(bytes.buffer).setUint32(begin + 4, sound.length, true);
  bytes.set(sound, begin + 8);
  return bytes;
}

let seed = 7;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;

for (const samples of [5, 330, 12_345]) {
  const columns = 11;
  const sound = Uint8Array.from({ length: 2 * samples }, () => random(256));
  const bytes = file(sound);
  const found = soundOf(bytes);
  if (found.format !== format || found.begin !== bytes.length - sound.length) wrong.push(`the sound of ${samples} is at ${JSON.stringify(found)}`);
  const expected = [new Float32Array(columns), new Float32Array(columns)];
  for (let place = 0; place < sound.length; place++) {
    const column = Math.min(columns - 1, Math.floor(place / Math.max(1, sound.length / columns)));
    expected[place % 2][column] = Math.max(expected[place % 2][column], loudness[sound[place]]);
  }
  for (const part of [1, 7, 4096, bytes.length]) {
    if (part === 1 && samples > 330) continue;
    const reader = new LoudnessReader(columns, bytes.length);
    for (let place = 0; place < bytes.length; place += part) reader.take(bytes.subarray(place, place + part));
    const differ = [0, 1].some((channel) => reader.columns[channel].some((value, column) => Math.abs(value - expected[channel][column]) > 1e-6));
    if (differ) wrong.push(`${samples} samples in parts of ${part}`);
  }
}

// Of a long file a second of each column is read, and nothing else; of a short one that is all of it.
for (const seconds of [3, 40]) {
  const columns = 10;
  const sound = Uint8Array.from({ length: 16_000 * seconds }, () => random(256));
  const bytes = file(sound);
  let asked = 0;
  const read = async (from, to) => {
    asked += to - from;
    return bytes.slice(from, to);
  };
  const sampled = await sampleLoudness(read, columns, bytes.length);
  if (asked > 65_536 + columns * 16_000) wrong.push(`${asked} bytes of ${bytes.length} were read`);
  const step = sound.length / columns;
  const differs = sampled.some((channel, index) =>
    channel.some((value, column) => {
      const begin = 2 * Math.floor((step * column) / 2);
      const part = sound.subarray(begin, Math.min(begin + 16_000, 2 * Math.floor((step * (column + 1)) / 2)));
      const loudest = part.reduce((most, byte, place) => (place % 2 === index ? Math.max(most, loudness[byte]) : most), 0);
      return Math.abs(value - loudest) > 1e-6;
    }),
  );
  if (differs) wrong.push(`samples of ${seconds} seconds`);
}
if ((wavePath(new Float32Array(3), 38, 36).match(/M/g) ?? []).length !== 3) wrong.push("not a bar for each column");
for (const bad of [new Uint8Array(100), file(new Uint8Array(4)).map((byte, place) => (place === 22 ? 1 : byte))]) {
  try {
    soundOf(bad);
    wrong.push("another file is taken for a recording");
  } catch {
    // As it must be.
  }
}
return wrong;

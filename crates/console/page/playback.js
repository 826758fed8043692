// The recording of a call as it is played: where it is, how fast, and which side one hears.

import { serverNow } from "./clock.js";

/** How long before its end an address is asked for anew, in milliseconds. */
const EARLY = 60_000;

/** Which sides can be heard, and how loud either channel is then. */
export const SIDES = { both: [1, 1], bot: [1, 0], callee: [0, 1] };
export const RATES = [1, 1.5, 2];

/** Whatever plays now: where there is a second one, the first stops. @type {Playback} */
let playing = null;

/**
 * Tells `time` when it goes on or is somewhere else, and `state` when it begins or stops to play, or fails. `ask` gives the address of the
 * file, and until when that is good.
 */
export class Playback extends EventTarget {
  #ask;
  #audio = new Audio();
  #expires = 0;
  /** Where it is to begin once the file is there. */
  #from = 0;
  #frame = 0;
  /** The amplifiers of both channels, once only one is to be heard. @type {GainNode[]} */
  #gains = null;
  #sounds = null;
  side = "both";
  /** How long it is, in seconds. */
  length;
  /** What keeps it from being played. */
  fault = null;

  /** @param {() => Promise<{ address: string, expires: number }>} ask @param {number} length */
  constructor(ask, length) {
    super();
    this.#ask = ask;
    this.length = length;
    this.#audio.preload = "metadata";
    for (const name of ["play", "pause", "ended"]) this.#audio.addEventListener(name, () => this.#turn());
    for (const name of ["timeupdate", "seeked"]) this.#audio.addEventListener(name, () => this.#tell("time"));
    this.#audio.addEventListener("loadedmetadata", () => (this.#audio.currentTime = this.#from));
    this.#audio.addEventListener("error", () => this.#audio.src && this.#fail(this.#audio.error));
  }

  get isPlaying() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  get rate() {
    return this.#audio.defaultPlaybackRate;
  }

  /** Where it is, in seconds. */
  get at() {
    return this.#audio.readyState > 0 ? this.#audio.currentTime : this.#from;
  }

  /** The address of the file; one that is good for a while. */
  async address() {
    const found = await this.#ask();
    this.#expires = found.expires;
    return found.address;
  }

  async play() {
    if (playing !== this) playing?.pause();
    playing = this;
    this.fault = null;
    try {
      if (!this.#audio.src || serverNow() > this.#expires - EARLY) {
        const from = this.at;
        const address = await this.address();
        this.#from = from;
        this.#audio.src = address;
      }
      await this.#sounds?.resume();
      await this.#audio.play();
    } catch (error) {
      // It was paused, or left, before it had begun.
      if (error.name !== "AbortError") this.#fail(error);
    }
  }

  pause() {
    this.#audio.pause();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** Goes to a place, in seconds. */
  seek(seconds) {
    this.#from = Math.min(this.length, Math.max(0, seconds));
    if (this.#audio.readyState > 0) this.#audio.currentTime = this.#from;
    this.#tell("time");
  }

  /** Goes to a place and plays on from there. */
  playFrom(seconds) {
    this.seek(seconds);
    if (!this.isPlaying) this.play();
  }

  setRate(rate) {
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = rate;
    this.#tell("state");
  }

  /** Has only one side be heard, or both. @param {keyof typeof SIDES} side */
  hear(side) {
    this.side = side;
    this.#gains ??= this.#split();
    this.#gains.forEach((gain, channel) => (gain.gain.value = SIDES[side][channel]));
    this.#tell("state");
  }

  /** Both channels through amplifiers of their own, to both ears. */
  #split() {
    const sounds = new AudioContext();
    const splitter = new ChannelSplitterNode(sounds, { numberOfOutputs: 2 });
    sounds.createMediaElementSource(this.#audio).connect(splitter);
    this.#sounds = sounds;
    return [0, 1].map((channel) => {
      const gain = new GainNode(sounds);
      splitter.connect(gain, channel);
      gain.connect(sounds.destination);
      return gain;
    });
  }

  /** Lets go of the file. */
  close() {
    if (playing === this) playing = null;
    cancelAnimationFrame(this.#frame);
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
    this.#sounds?.close();
  }

  #turn() {
    cancelAnimationFrame(this.#frame);
    if (this.isPlaying) this.#follow();
    this.#tell("state");
  }

  /** The browser itself tells of the time a few times a second only. */
  #follow() {
    this.#frame = requestAnimationFrame(() => {
      this.#tell("time");
      this.#follow();
    });
  }

  #fail(error) {
    this.fault = error;
    this.#expires = 0;
    this.#audio.pause();
    this.#tell("state");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** The playback of a record's recording. @param {AccountApi} api @param {CallRecord} record @param {Options} options */
export function playbackOf(api, record, options) {
  return new Playback(() => api.recordingFile(record.task_id, record.record_id, options), record.recording.duration_ms / 1000);
}

/** Seconds with their tenths: `01:12.4`. */
export function tenthsText(seconds) {
  const tenths = Math.floor(Math.max(0, seconds) * 10);
  const part = (value) => String(value).padStart(2, "0");
  return `${part(Math.floor(tenths / 600))}:${part(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}

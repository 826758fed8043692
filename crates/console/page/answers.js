// What comes of requests to the server: its answers, and what it refuses.

import { guessTime } from "./clock.js";

/** What the server refused, or that it could not be reached (code 0). */
export class Refusal extends Error {
  constructor(code, message, faults = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }

  /** Whether what the address names is not there, as where the id in it is no id. */
  get missing() {
    return this.code === CODE.notFound || (this.code === CODE.invalid && this.faults.some(({ field }) => field.endsWith("_id")));
  }
}

export const CODE = {
  unreachable: 0,
  token: 401,
  forbidden: 403,
  notFound: 404,
  stale: 412,
  invalid: 422,
  tooManyRequests: 429,
  groupInUse: 8101,
  scriptInUse: 8102,
  promptInUse: 8104,
  lineInUse: 8105,
  groupedLine: 8106,
  calendarInUse: 8108,
  groupIsCeiling: 8109,
};

/** A fetch whose failure is a refusal like others; that it was given up by us is not. */
export async function reach(address, init) {
  try {
    const response = await fetch(address, init);
    guessTime(response.headers.get("Date"));
    return response;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(CODE.unreachable, "");
  }
}

/** What an envelope holds. `code` says how it went, for refusals may carry HTTP 200. */
export async function answerOf(response) {
  let envelope;
  try {
    envelope = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(response.ok ? CODE.unreachable : response.status, response.statusText);
  }
  if (envelope.status !== "success") throw new Refusal(envelope.code, envelope.message, envelope.data);
  return { data: envelope.data, meta: envelope.meta };
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A key that names one wish of the person, however often it has to be sent. */
export function wishKey() {
  // Not randomUUID, which browsers keep from pages that came without TLS.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Names of things by their ids, for lists that only have the ids.

const NAMED_AT_ONCE = 50;

/** What the holiday calendars are called that an account may follow; one without a name, and one that is not known, by its id. */
export class CalendarNames {
  /** @type {Map<string, string>} */
  #names = new Map();

  /** @param {{ id: string, name: string | null }[]} calendars */
  learn(calendars) {
    this.#names = new Map(calendars.map(({ id, name }) => [id, name ?? id]));
  }

  of = (id) => this.#names.get(id) ?? id;
}

/** Each is asked for once, and again when it may have changed. */
export class Names {
  #names = new Map();
  #ask;
  #ready;

  /** `ask` fetches the thing of an id as the API gives it; `ready` is called when names have come. */
  constructor(ask, ready) {
    this.#ask = ask;
    this.#ready = ready;
  }

  /** The name; undefined until it is known, and for a thing that is gone. */
  get(id) {
    return this.#names.get(id);
  }

  forget(id) {
    this.#names.delete(id);
  }

  /** Asks for the first of these ids that are not known. */
  async want(ids) {
    const unknown = [...new Set(ids)].filter((id) => id !== null && !this.#names.has(id)).slice(0, NAMED_AT_ONCE);
    if (unknown.length === 0) return;
    unknown.forEach((id) => this.#names.set(id, undefined));
    const answers = await Promise.allSettled(unknown.map((id) => this.#ask(id)));
    answers.forEach(({ value }, index) => value && this.#names.set(unknown[index], value.data.name));
    this.#ready();
  }
}

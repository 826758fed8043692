// Names of groups by their ids, for lists that only have the ids: each asked for once, and again when it may have changed.

const NAMED_AT_ONCE = 100;

export class GroupNames {
  #names = new Map();
  #api;
  #ready;

  /** `ready` is called when names have come. */
  constructor(api, ready) {
    this.#api = api;
    this.#ready = ready;
  }

  /** The name, or the id until it is known. */
  get(id) {
    return this.#names.get(id) ?? String(id);
  }

  forget(id) {
    this.#names.delete(id);
  }

  /** Asks for those of these ids that are not known. One that is gone keeps its id. */
  async want(ids, options) {
    const unknown = [...new Set(ids)].filter((id) => id !== null && !this.#names.has(id)).slice(0, NAMED_AT_ONCE);
    if (unknown.length === 0) return;
    unknown.forEach((id) => this.#names.set(id, undefined));
    const answers = await Promise.allSettled(unknown.map((id) => this.#api.group(id, options)));
    answers.forEach(({ value }, index) => value && this.#names.set(unknown[index], value.data.name));
    this.#ready();
  }
}

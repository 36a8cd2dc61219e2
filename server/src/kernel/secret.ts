// A value that must not be printed. It shows as `[secret]` in logs, JSON, templates and the inspector; only
// `reveal()` gives it out, so every use can be found by searching for that word.

const inspect = Symbol.for("nodejs.util.inspect.custom");

export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Use it at the last moment and do not keep it. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect](): string {
    return "[secret]";
  }
}

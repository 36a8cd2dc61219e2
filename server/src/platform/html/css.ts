// Declarations for a `style` attribute, which mail programs need and the web pages' policy forbids. They are written in
// the source: nothing from outside can become a style.

let make: (text: string) => Css;

export class Css {
  #text = "";

  private constructor() {}

  static {
    make = (text) => {
      const made = new Css();
      made.#text = text;
      return made;
    };
  }

  toString(): string {
    return this.#text;
  }
}

/** Declarations for a `style` attribute; only whole numbers and other `Css` can be put in. */
export function css(strings: TemplateStringsArray, ...values: readonly (Css | number)[]): Css {
  const written = strings.map((part, index) => part + String(values[index] ?? "")).join("");
  return make(written.replaceAll(/\s+/g, " ").trim());
}

// Writes messages of PostgreSQL's extended query protocol (Parse, Bind, Describe, Execute, Close, Sync), many behind one
// another, so that they leave in one piece: a write to the socket costs more than most statements.

import type { WireValue } from "./wire-value.ts";

const firstBytes = 64 * 1024;
/** What a large flight made the buffer grow to is not kept. */
const keptBytesMax = 1024 * 1024;
/** The most bytes a UTF-16 unit takes in UTF-8. */
const utf8BytesMax = 3;

const code = { parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, close: 0x43, sync: 0x53 } as const;
const kind = { portal: 0x50, statement: 0x53 } as const;

export class WireWriter {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #end = 0;

  /** Makes a named statement of `text`, taking away one of that name first: an attempt that broke may have left it. */
  prepare(name: string, text: string): void {
    this.#message(code.close, () => {
      this.#byte(kind.statement);
      this.#cString(name);
    });
    this.#message(code.parse, () => {
      this.#cString(name);
      this.#cString(text);
      this.#int16(0);
    });
  }

  /** Runs a named statement once. `describes` asks for the names and types of its columns. */
  run(name: string, values: readonly WireValue[], describes: boolean): void {
    this.#message(code.bind, () => this.#bind(name, values));
    if (describes) {
      this.#message(code.describe, () => {
        this.#byte(kind.portal);
        this.#cString("");
      });
    }
    this.#message(code.execute, () => {
      this.#cString("");
      this.#int32(0);
    });
  }

  /** Ends the flight and returns its bytes; the writer is empty again. */
  finish(): Buffer {
    this.#message(code.sync, () => undefined);
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#end));
    this.#end = 0;
    if (this.#bytes.length > keptBytesMax) this.#bytes = Buffer.allocUnsafe(firstBytes);
    return bytes;
  }

  #bind(name: string, values: readonly WireValue[]): void {
    this.#cString("");
    this.#cString(name);
    this.#int16(values.length);
    for (const value of values) this.#int16(typeof value === "string" || value === null ? 0 : 1);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    // All columns come back as text.
    this.#int16(0);
  }

  #value(value: WireValue): void {
    if (value === null) {
      this.#int32(-1);
      return;
    }
    const at = this.#end;
    this.#int32(0);
    if (typeof value === "string") this.#text(value);
    else {
      this.#reserve(value.length);
      this.#end += value.copy(this.#bytes, this.#end);
    }
    this.#bytes.writeInt32BE(this.#end - at - 4, at);
  }

  /** A message's length counts itself and what follows, not the code before it. */
  #message(type: number, write: () => void): void {
    this.#byte(type);
    const at = this.#end;
    this.#int32(0);
    write();
    this.#bytes.writeInt32BE(this.#end - at, at);
  }

  #text(text: string): void {
    this.#reserve(text.length * utf8BytesMax);
    this.#end += this.#bytes.write(text, this.#end, "utf8");
  }

  #cString(text: string): void {
    this.#text(text);
    this.#byte(0);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end] = value;
    this.#end += 1;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

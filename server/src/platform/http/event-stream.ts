// An open stream of server-sent events (HTML 9.2), on a response whose head was written. Who holds it says when it ends; here
// is how events are spelt, and what becomes of a reader who does not read or has left.

import type { ServerResponse } from "node:http";

/** A reader that does not read is cut off before it fills the memory. */
const unreadBytesMax = 64 * 1024;

export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** What was written and nobody has read yet. */
  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  /** More is unread than may be. */
  get isBehind(): boolean {
    return this.unreadBytes > unreadBytesMax;
  }

  /**
   * Calls `done` when the stream is closed, by either side; it may be called more than once.
   * SECURITY: who left before says so no more, so for them it is called at once; their stream would count until its time is
   * over.
   */
  onClose(done: () => void): void {
    this.#response.once("close", done);
    this.#response.on("error", done);
    if (this.#response.destroyed) done();
  }

  /** Writes an event, and cuts off a reader who falls behind with it. */
  write(event: string, data: object): void {
    const wasBehind = this.isBehind;
    this.writeWhole(event, data);
    if (!wasBehind && this.isBehind) this.cut();
  }

  /** Writes an event however large it is. Ask first what is unread. */
  writeWhole(event: string, data: object): void {
    this.#response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Says nothing, so that nobody between takes the connection for dead. */
  beat(): void {
    this.#response.write(": alive\n\n");
  }

  /** Says why it ends, and ends it. */
  end(reason: string): void {
    this.write("end", { reason });
    this.#response.end();
  }

  /** Ends it without a word. */
  cut(): void {
    this.#response.destroy();
  }
}

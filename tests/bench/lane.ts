// One keep-alive connection that carries one request at a time, written by hand: an HTTP client costs three to five times
// as much, and the load generator shares the cores with what it measures.

import { connect, type Socket } from "node:net";
import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

const readBytes = 16 * 1024;

/** The status of a complete answer and how long it is, or undefined while bytes are missing. */
export function parseAnswer(text: string): { readonly status: number; readonly length: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const bodyBytes = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd + 2))?.[1];
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  if (bodyBytes === undefined || status === undefined)
    throw new AppError(benchErrors.answer, { note: text.slice(0, 200) });
  const length = headEnd + 4 + Number(bodyBytes);
  return text.length < length ? undefined : { status: Number(status), length };
}

export class Lane {
  readonly #socket: Socket;
  readonly #onAnswer: (status: number) => void;
  #text = "";

  private constructor(socket: Socket, onAnswer: (status: number) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
  }

  /** Opens a connection to the origin. `onAnswer` gets each status; 0 when the connection was lost. */
  static open(baseUrl: string, onAnswer: (status: number) => void): Promise<Lane> {
    const { hostname, port } = new URL(baseUrl);
    return new Promise((resolve, reject) => {
      const onread = {
        buffer: Buffer.allocUnsafe(readBytes),
        callback: (bytes: number, buffer: Uint8Array): boolean => {
          lane.#read((buffer as Buffer).latin1Slice(0, bytes));
          return true;
        },
      };
      const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
      const lane = new Lane(socket, onAnswer);
      socket.once("connect", () => {
        socket.off("error", reject);
        socket.on("error", () => undefined).once("close", () => onAnswer(0));
        resolve(lane);
      });
      socket.once("error", reject);
    });
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#text = this.#text === "" ? chunk : this.#text + chunk;
    const answer = parseAnswer(this.#text);
    if (answer === undefined) return;
    this.#text = this.#text.slice(answer.length);
    this.#onAnswer(answer.status);
  }
}

// The framing of HTTP/1.1 for the load generator and the mock platform, which share the processor with what they measure:
// `node:http` costs 17 to 19 us a request there, this about 2. It reads what our own clients and servers write: messages
// with a Content-Length, or none and no body. Anything else is an error, never a guess.

import { AppError } from "../../server/src/kernel/errors.ts";
import { benchErrors } from "./errors.ts";

export interface WireMessage {
  /** The first line and the headers, without the blank line. */
  readonly head: string;
  readonly body: Buffer;
}

const blankLine = Buffer.from("\r\n\r\n");
const messageBytesMax = 1024 * 1024;

/** The value of a header (name in lower case), or undefined. */
export function findHeader(head: string, name: string): string | undefined {
  return new RegExp(`\r\n${name}:[ \t]*([^\r]*)`, "i").exec(head)?.[1];
}

function toBodyLength(head: string): number {
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  if (/\r\ntransfer-encoding:/i.test(head)) throw new AppError(benchErrors.wire, { note: "Transfer-Encoding" });
  return 0;
}

/**
 * A function that takes a connection's bytes as they come and hands on each whole message. It throws `bench.wire_unread`
 * for a transfer coding and for a message over 1 MiB.
 */
export function createWireReader(onMessage: (message: WireMessage) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    let at = 0;
    while (at < data.length) {
      const headEnd = data.indexOf(blankLine, at);
      const head = headEnd < 0 ? "" : data.toString("latin1", at, headEnd);
      const end = headEnd < 0 ? Number.POSITIVE_INFINITY : headEnd + blankLine.length + toBodyLength(head);
      if (end > data.length) break;
      onMessage({ head, body: data.subarray(headEnd + blankLine.length, end) });
      at = end;
    }
    if (at < data.length) rest = data.subarray(at);
    if (rest !== undefined && rest.length > messageBytesMax) {
      throw new AppError(benchErrors.wire, { note: "a message over 1 MiB" });
    }
  };
}

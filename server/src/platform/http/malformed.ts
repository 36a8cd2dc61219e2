// Answers to what never becomes a request: broken HTTP, headers that overflow, requests that do not arrive in time. They
// are written to the socket by hand, with the same headers and the same problem body as every other answer.

import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { AppError, type ErrorDefinition } from "../../kernel/errors.ts";
import { drawBytes } from "../crypto/random.ts";
import { httpErrors } from "./errors.ts";
import { problemMediaType, toProblem } from "./problem.ts";
import type { HeaderList } from "./surface-headers.ts";

const definitions: Readonly<Record<string, ErrorDefinition>> = {
  HPE_HEADER_OVERFLOW: httpErrors.headersTooLarge,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: httpErrors.tooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: httpErrors.timeout,
};

function toRawAnswer(definition: ErrorDefinition, headers: HeaderList): string {
  const requestId = drawBytes(16).toString("hex");
  const body = JSON.stringify(toProblem(new AppError(definition), requestId));
  const lines = [
    `HTTP/1.1 ${definition.status} ${STATUS_CODES[definition.status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `x-request-id: ${requestId}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Answers whether an answer is already on its way on this socket; ours would land in the middle of it. */
function isAnswering(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, "_httpMessage");
  return typeof message === "object" && message !== null && Reflect.get(message, "headersSent") === true;
}

/** Makes the handler of the server's `clientError`. The connection is closed after the answer. */
export function createMalformedHandler(headers: HeaderList): (error: Error, socket: Socket) => void {
  return (error, socket) => {
    const code = "code" in error ? String(error.code) : "";
    if (code === "ECONNRESET" || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    socket.end(toRawAnswer(definitions[code] ?? httpErrors.malformedRequest, headers));
    // A peer that keeps sending is not waited for.
    socket.setTimeout(1000, () => socket.destroy());
  };
}

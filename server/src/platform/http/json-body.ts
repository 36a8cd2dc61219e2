// Reads a JSON body: declared type, UTF-8, bounded size, depth and names, nothing repeated, no prototype names.

import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { AppError } from "../../kernel/errors.ts";
import { type BodyRoom, boundBodies } from "./body-room.ts";
import { httpErrors } from "./errors.ts";
import { scanJson } from "./scan-json.ts";

/** 1 MiB: the limit of a request body unless its operation says other. */
export const bodyBytesMaxDefault = 1024 * 1024;

const jsonInUtf8 = /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;

function toMalformed(message: string): AppError {
  return new AppError(httpErrors.malformedBody, { mistakes: [{ path: "", message }] });
}

/** Parses the bytes of a JSON body. Throws `http.malformed_body` with every mistake of its shape. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw toMalformed("The body is not UTF-8.");
  const text = bytes.toString("utf8");
  const mistakes = scanJson(text);
  if (mistakes.length > 0) throw new AppError(httpErrors.malformedBody, { mistakes });
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the body.
    throw toMalformed("The body is not valid JSON.");
  }
}

/** Makes the scope take JSON bodies, and nothing else: another type or charset is answered 415. */
export function acceptJsonBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      const { "content-type": type = "", "content-encoding": coding = "identity" } = request.headers;
      // Compressed bodies are not taken: a few bytes of them would unpack to any size.
      if (!jsonInUtf8.test(type) || coding !== "identity") {
        throw new AppError(httpErrors.unsupportedMediaType);
      }
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

const wantsOctets = "Send the bytes of the file as application/octet-stream, as they are.";

/** Makes the scope take the bytes of files, and nothing else. SECURITY: a body of another type names no file. */
export function acceptOctets(scope: FastifyInstance, room?: BodyRoom): void {
  scope.removeAllContentTypeParsers();
  boundBodies(scope, room);
  scope.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (request, body, done) => {
    const { "content-encoding": coding = "identity" } = request.headers;
    if (coding === "identity") done(null, body);
    else done(new AppError(httpErrors.unsupportedMediaType, { detail: wantsOctets }));
  });
  scope.addContentTypeParser("*", (_request, _payload, done) => {
    done(new AppError(httpErrors.unsupportedMediaType, { detail: wantsOctets }));
  });
}

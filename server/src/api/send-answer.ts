// What a call came to, as an HTTP answer: JSON with its tag, a stream that goes on, or a file to save.

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FileBody } from "../kernel/operation.ts";
import type { Answer } from "./call.ts";
import { matchesTag, parseEntityTags, toEntityTag } from "./concurrency/entity-tag.ts";

/** Writes the head of a stream with every header of its surface, and hands the rest over. */
function sendStream(reply: FastifyReply, attach: (response: ServerResponse) => void): FastifyReply {
  reply.hijack();
  const headers = { ...reply.getHeaders(), "content-type": "text/event-stream", "cache-control": "no-store" };
  reply.raw.writeHead(200, headers as OutgoingHttpHeaders);
  attach(reply.raw);
  return reply;
}

function isKnown(request: FastifyRequest, tag: string): boolean {
  const known = parseEntityTags(request.headers["if-none-match"]);
  return known !== undefined && matchesTag(known, tag);
}

/** Answers GET with the tag of what is answered, and without it to whoever has it already. */
function sendTagged(request: FastifyRequest, reply: FastifyReply, body: unknown): FastifyReply {
  const tag = toEntityTag(body);
  reply.header("etag", tag);
  if (isKnown(request, tag)) return reply.code(304).send();
  return reply.send(JSON.stringify(body));
}

/** The name as a header takes it: in ASCII for old readers, and whole (RFC 6266 4.3, RFC 8187). */
function toDisposition(fileName: string): string {
  const plain = fileName.replaceAll(/[^\w. -]/g, "_");
  const whole = encodeURIComponent(fileName).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

const idleMs = 30_000;

/** SECURITY: whatever the bytes are, a browser saves them; were they ever shown, nothing in them would run. */
function sendFile(request: FastifyRequest, reply: FastifyReply, file: FileBody): FastifyReply {
  reply.header("etag", file.etag);
  reply.header("cache-control", "private, max-age=3600");
  // SECURITY: a browser keeps it for whoever fetched it; the next visitor at the same machine asks with their own right.
  reply.header("vary", "Origin, Authorization, Cookie");
  reply.header("content-security-policy", "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  if (isKnown(request, file.etag)) return reply.code(304).send();
  // A connection on which nothing goes forward is cut.
  const { socket } = request.raw;
  if (socket instanceof Socket) socket.setTimeout(idleMs);
  reply.header("content-type", file.contentType);
  reply.header("content-length", file.bytes);
  reply.header("content-disposition", toDisposition(file.fileName));
  return reply.send(Readable.from(file.chunks, { objectMode: false }));
}

/** Answers a request with what its call came to. */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.attach !== undefined) return sendStream(reply, answer.attach);
  if (answer.file !== undefined) return sendFile(request, reply, answer.file);
  reply.code(answer.status);
  for (const [name, value] of answer.headers ?? []) reply.header(name, value);
  if (answer.isReplayed === true) reply.header("idempotent-replayed", "true");
  if (answer.body === undefined) return reply.send();
  reply.header("content-type", "application/json; charset=utf-8");
  if (request.method === "GET" && answer.status === 200) return sendTagged(request, reply, answer.body);
  return reply.send(JSON.stringify(answer.body));
}

// Sends a failure as a problem body and logs what is ours to repair.

import type { FastifyReply, FastifyRequest } from "fastify";
import { listProblemHeaders, type ProblemFields, problemMediaType, toAppError, toProblem } from "./problem.ts";
import type { HeaderList } from "./surface-headers.ts";

/** Where the server writes: a pino logger, or anything of its shape. */
export interface HttpLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface ProblemSender {
  readonly log: HttpLog;
  /** For failures that come before a surface has set its own. */
  readonly headers: HeaderList;
}

/** Sets a surface's headers and the request's id on an answer. */
export function setHeaders(request: FastifyRequest, reply: FastifyReply, headers: HeaderList): void {
  for (const [name, value] of headers) reply.header(name, value);
  reply.header("x-request-id", request.id);
}

/** Answers `request` with what `error` shows in public. A status of 500 or more is logged with its stack. */
export function createProblemSender(sender: ProblemSender) {
  return (
    error: unknown,
    at: { request: FastifyRequest; reply: FastifyReply; fields?: ProblemFields },
  ): FastifyReply => {
    const { request, reply } = at;
    const failure = toAppError(error);
    const fields = {
      requestId: request.id,
      code: failure.code,
      method: request.method,
      route: request.routeOptions.url,
    };
    if (failure.status >= 500) sender.log.error({ ...fields, err: failure }, "request failed");
    else sender.log.debug(fields, failure.message);
    if (!reply.hasHeader("x-request-id")) setHeaders(request, reply, sender.headers);
    for (const [name, value] of listProblemHeaders(failure)) reply.header(name, value);
    const body = JSON.stringify(toProblem(failure, request.id, at.fields));
    return reply.code(failure.status).header("content-type", problemMediaType).send(body);
  };
}

export type SendProblem = ReturnType<typeof createProblemSender>;

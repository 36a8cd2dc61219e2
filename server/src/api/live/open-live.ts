// The operation that opens an event stream.

import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { type Operation, operation, StreamAnswer } from "../../kernel/operation.ts";
import { queryInteger } from "../../kernel/query-schema.ts";
import { apiErrors } from "../errors.ts";
import type { LiveHub } from "./live-hub.ts";

const hourSeconds = 3600;

/** `GET /api/v1/live`: the stream of the caller's own session. */
export function createLiveOperations(hub: LiveHub): readonly Operation[] {
  return [
    operation({
      name: "live.open",
      summary: "A stream of events (text/event-stream) that ends within a second of the session it was opened with.",
      method: "GET",
      path: "/api/v1/live",
      query: z.strictObject({ seconds: queryInteger(0, hourSeconds).default(hourSeconds) }),
      output: z.object({ event: z.enum(["ready", "end"]) }),
      answers: "text/event-stream",
      scope: "user",
      permission: { none: "a person's own stream" },
      audit: { none: "the session it rests on is recorded" },
      rate: "read",
      stepUp: false,
      run: async ({ actor, input }) => {
        if (actor.kind !== "user") throw new AppError(apiErrors.personRequired);
        const { userId, sessionId } = actor;
        hub.assertRoom(userId);
        return new StreamAnswer((response) => hub.attach(response, { userId, sessionId, seconds: input.seconds }));
      },
    }),
  ];
}

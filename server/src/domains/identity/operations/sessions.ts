// One's sessions over the API: list, end, and confirm who one is in this one.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { Json } from "../../../kernel/json-schema.ts";
import { afterCommit, type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import { endOtherSessions, endOwnSession, listOwnSessions, type OwnSession } from "../account/sessions.ts";
import { beginStepUp, stepUp } from "../account/step-up.ts";
import type { IdentityDeps } from "../deps.ts";
import { PasskeySignInInput } from "../factors/passkey-answers.ts";
import { codeField, nothing, passkeyOptionsView, passwordField } from "./fields.ts";
import { ownAccount, ownReading, toCaller } from "./guards.ts";

const path = "/api/v1/account/sessions";

const SessionView = z.object({
  sessionId: idOf("session"),
  device: z.string().max(200),
  network: z.string().max(100),
  methods: z.array(z.string().max(20)).max(6),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  isCurrent: z.boolean(),
});

function toView(session: OwnSession, isCurrent: boolean): z.infer<typeof SessionView> {
  const { sessionId, device, network, methods, createdAtMs, seenAtMs, endsAtMs } = session;
  return {
    ...{ sessionId, device, network, methods: [...methods], isCurrent },
    createdAt: new Date(createdAtMs).toISOString(),
    lastUsedAt: new Date(seenAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
  };
}

function createListOperation(deps: IdentityDeps): Operation {
  return operation({
    name: "sessions.list",
    summary: "Lists where one is signed in, last used first.",
    method: "GET",
    path,
    output: z.object({ items: z.array(SessionView).max(100) }),
    ...ownReading,
    isOpenWhileEnrolling: true,
    async run(context) {
      const { sessionId } = toCaller(context, "sessions.list").actor;
      const sessions = await listOwnSessions(context.tx, await deps.installation.sealer());
      return { items: sessions.map((session) => toView(session, session.sessionId === sessionId)) };
    },
  });
}

function createEndOperation(deps: IdentityDeps): Operation {
  const name = "sessions.end";
  return operation({
    name,
    summary: "Ends one of one's sessions; its next request is refused.",
    method: "DELETE",
    path: `${path}/{sessionId}`,
    params: z.strictObject({ sessionId: idOf("session") }),
    output: nothing,
    successStatus: 204,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        await endOwnSession(deps, toCaller(context, name), context.input);
        return { status: 204, body: {} };
      }),
  });
}

function createEndOthersOperation(deps: IdentityDeps): Operation {
  const name = "sessions.endOthers";
  return operation({
    name,
    summary: "Ends every session of one's own but this one.",
    method: "POST",
    path: `${path}/end-others`,
    output: z.object({ ended: z.int() }),
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => ({
        status: 200,
        body: { ended: await endOtherSessions(deps, toCaller(context, name)) },
      })),
  });
}

function createStepUpOptionsOperation(deps: IdentityDeps): Operation {
  const name = "stepUp.options";
  return operation({
    name,
    summary: "Gives the browser what it needs to confirm with a passkey who one is.",
    method: "POST",
    path: "/api/v1/account/step-up/options",
    output: passkeyOptionsView,
    ...ownAccount,
    audit: { none: "nothing changes until somebody confirms" },
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const options = await beginStepUp(deps, toCaller(context, name));
        return { status: 200, body: { options: options as unknown as Json } };
      }),
  });
}

const StepUpBody = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("totp"), code: codeField }),
  z.strictObject({ method: z.literal("passkey"), passkey: PasskeySignInInput }),
  z.strictObject({ method: z.literal("password"), password: passwordField }),
]);

function createStepUpOperation(deps: IdentityDeps): Operation {
  const name = "stepUp.confirm";
  return operation({
    name,
    summary: "Confirms who one is, for ten minutes: with a second factor, or with the password by whoever has none.",
    method: "POST",
    path: "/api/v1/account/step-up",
    body: StepUpBody,
    output: nothing,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const session = await stepUp(deps, toCaller(context, name), context.input);
        return { status: 200, body: new SessionAnswer({}, { session }) };
      }),
  });
}

/** One's sessions. */
export function createSessionOperations(deps: IdentityDeps): readonly Operation[] {
  return [
    createListOperation(deps),
    createEndOperation(deps),
    createEndOthersOperation(deps),
    createStepUpOptionsOperation(deps),
    createStepUpOperation(deps),
  ];
}

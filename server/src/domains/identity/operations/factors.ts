// One's authenticator app and recovery codes over the API. What is secret is in one answer, and nowhere afterwards.

import { z } from "zod";
import { afterCommit, type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import { makeRecoveryCodes } from "../account/recovery-codes.ts";
import { beginTotp, confirmTotp, removeTotp } from "../account/totp.ts";
import type { IdentityDeps } from "../deps.ts";
import { codeField, nothing } from "./fields.ts";
import { ownAccount, toCaller } from "./guards.ts";

const path = "/api/v1/account/totp";

function createBeginOperation(deps: IdentityDeps): Operation {
  const name = "totp.begin";
  return operation({
    name,
    summary: "Draws a secret for an authenticator app and shows it, once: to scan, to open or to type.",
    method: "POST",
    path: `${path}/options`,
    output: z.object({
      typed: z.string().max(100),
      uri: z.string().max(1000),
      /** A QR code as an SVG document. */
      svg: z.string().max(100_000),
    }),
    ...ownAccount,
    audit: { none: "nothing counts until a code of it is typed" },
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => ({ status: 200, body: await beginTotp(deps, toCaller(context, name)) })),
  });
}

function createConfirmOperation(deps: IdentityDeps): Operation {
  const name = "totp.confirm";
  return operation({
    name,
    summary: "Puts the authenticator app in force with a code of it. Ends one's other sessions.",
    method: "POST",
    path,
    body: z.strictObject({ code: codeField }),
    output: nothing,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const session = await confirmTotp(deps, toCaller(context, name), context.input);
        return { status: 200, body: new SessionAnswer({}, { session }) };
      }),
  });
}

function createRemoveOperation(deps: IdentityDeps): Operation {
  const name = "totp.remove";
  return operation({
    name,
    summary: "Removes the authenticator app. Ends one's other sessions.",
    method: "DELETE",
    path,
    output: nothing,
    successStatus: 204,
    ...ownAccount,
    stepUp: true,
    run: async (context) =>
      afterCommit(async () => {
        await removeTotp(deps, toCaller(context, name));
        return { status: 204, body: {} };
      }),
  });
}

function createCodesOperation(deps: IdentityDeps): Operation {
  const name = "recoveryCodes.make";
  return operation({
    name,
    summary: "Makes ten recovery codes and shows them, once. The ones before them die.",
    method: "POST",
    path: "/api/v1/account/recovery-codes",
    output: z.object({ codes: z.array(z.string().max(40)).max(10) }),
    ...ownAccount,
    stepUp: true,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const codes = await makeRecoveryCodes(deps, toCaller(context, name));
        return { status: 200, body: { codes: [...codes.reveal()] } };
      }),
  });
}

/** One's authenticator app and recovery codes. */
export function createFactorOperations(deps: IdentityDeps): readonly Operation[] {
  return [
    createBeginOperation(deps),
    createConfirmOperation(deps),
    createRemoveOperation(deps),
    createCodesOperation(deps),
  ];
}

// Passwords over the API: reset by mail, change while signed in.

import { z } from "zod";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import type { IdentityDeps } from "../deps.ts";
import { changePassword } from "../password/change-password.ts";
import { completePasswordReset, requestPasswordReset } from "../password/reset-password.ts";
import { emailField, nothing, passwordField, secretField } from "./fields.ts";
import { anybody, ownAccount, toCaller, toMark } from "./guards.ts";

function createRequestOperation(deps: IdentityDeps): Operation {
  const name = "passwordReset.request";
  return operation({
    name,
    summary: "Sends a letter with a reset link to the person with this address, if there is one. Always answers alike.",
    method: "POST",
    path: "/api/v1/password-reset",
    body: z.strictObject({ email: emailField }),
    output: nothing,
    successStatus: 202,
    ...anybody,
    async run(context) {
      requestPasswordReset(deps, context.input, toMark(context, name));
      return {};
    },
  });
}

function createCompleteOperation(deps: IdentityDeps): Operation {
  const name = "passwordReset.complete";
  return operation({
    name,
    summary: "Sets a password by a reset link's token, once. Ends every session; signs nobody in.",
    method: "POST",
    path: "/api/v1/password-reset/complete",
    body: z.strictObject({ token: secretField, password: passwordField }),
    output: nothing,
    ...anybody,
    async run(context) {
      await completePasswordReset(deps, context.input, toMark(context, name));
      return {};
    },
  });
}

function createChangeOperation(deps: IdentityDeps): Operation {
  const name = "account.changePassword";
  return operation({
    name,
    summary: "Changes one's password and ends one's other sessions. Without a password so far, a step-up is needed.",
    method: "POST",
    path: "/api/v1/account/password",
    body: z.strictObject({ currentPassword: passwordField.optional(), password: passwordField }),
    output: nothing,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        await changePassword(deps, toCaller(context, name), context.input);
        return { status: 200, body: {} };
      }),
  });
}

/** Passwords. */
export function createPasswordOperations(deps: IdentityDeps): readonly Operation[] {
  return [createRequestOperation(deps), createCompleteOperation(deps), createChangeOperation(deps)];
}

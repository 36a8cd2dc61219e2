// One's own account over the API: who one is and where one has a part, name, address.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { beginEmailChange, confirmEmailChange } from "../account/change-email.ts";
import { renameSelf } from "../account/profile.ts";
import { listMethods } from "../account/session-store.ts";
import type { IdentityDeps, IdentityOperationDeps } from "../deps.ts";
import { PlaceView, placesMax, toPlaceView } from "../places.ts";
import { readUser, type User } from "../users/users.ts";
import { emailField, nameField, nothing, secretField } from "./fields.ts";
import { anybody, ownAccount, ownReading, toCaller, toMark } from "./guards.ts";

const nameView = z.string().max(400);
const AccountView = z.object({
  userId: idOf("user"),
  email: z.string().max(254),
  name: nameView,
  createdAt: z.iso.datetime(),
  hasPassword: z.boolean(),
  passwordSetAt: z.iso.datetime().optional(),
  hasTotp: z.boolean(),
  passkeys: z.int(),
  recoveryCodesLeft: z.int(),
  /** What one's organisations ask for together. */
  factorPolicy: z.enum(["optional", "required", "phishing_resistant"]),
  places: z.array(PlaceView).max(placesMax),
});

function toIso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function toUserView(user: User): Omit<z.infer<typeof AccountView>, "places" | "factorPolicy"> {
  const { userId, email, name, hasPassword, hasTotp, passkeys, recoveryCodesLeft, passwordSetAtMs } = user;
  return {
    ...{ userId, email, name, hasPassword, hasTotp, passkeys, recoveryCodesLeft },
    createdAt: toIso(user.createdAtMs),
    ...(passwordSetAtMs === undefined ? {} : { passwordSetAt: toIso(passwordSetAtMs) }),
  };
}

function createGetOperation(deps: IdentityOperationDeps): Operation {
  return operation({
    name: "account.get",
    summary: "One's own account: who one is, how one signs in, and the organisations and apps one has a part in.",
    method: "GET",
    path: "/api/v1/account",
    output: AccountView,
    ...ownReading,
    isOpenWhileEnrolling: true,
    async run({ tx }) {
      const user = await readUser(tx, await deps.installation.sealer());
      const { policy } = await deps.factorsRequired(tx.batch, tx.userId);
      const places = (await deps.placesFor(tx.batch, tx.userId)).map(toPlaceView);
      return { ...toUserView(user), factorPolicy: policy, places };
    },
  });
}

const SessionView = z.object({
  userId: idOf("user"),
  sessionId: idOf("session"),
  /** Goes into the header `X-Parley-Csrf` of every changing request. */
  csrfToken: z.string().max(100),
  /** One confirmed within ten minutes who one is. */
  isSteppedUp: z.boolean(),
  methods: z.array(z.string().max(20)).max(6),
});

function createSessionOperation(deps: IdentityOperationDeps): Operation {
  return operation({
    name: "account.session",
    summary: "One's own session, with the token that every changing request must carry.",
    method: "GET",
    path: "/api/v1/account/session",
    output: SessionView,
    ...ownReading,
    isOpenWhileEnrolling: true,
    async run(context) {
      const { userId, sessionId, isSteppedUp } = toCaller(context, "account.session").actor;
      const methods = await listMethods(context.tx, sessionId);
      return { userId, sessionId, csrfToken: deps.issueForgeryToken(sessionId), isSteppedUp, methods };
    },
  });
}

function createUpdateOperation(deps: IdentityDeps): Operation {
  const name = "account.rename";
  return operation({
    name,
    summary: "Changes one's name.",
    method: "PATCH",
    path: "/api/v1/account",
    body: z.strictObject({ name: nameField }),
    output: z.object({ name: nameView }),
    ...ownAccount,
    run: async (context) =>
      afterCommit(async () => {
        const renamed = await renameSelf(deps, toCaller(context, name), context.input);
        return { status: 200, body: { name: renamed } };
      }),
  });
}

function createEmailOperation(deps: IdentityDeps): Operation {
  const name = "account.changeEmail";
  return operation({
    name,
    summary: "Sends a link to another address; opening it makes that the address one signs in with.",
    method: "POST",
    path: "/api/v1/account/email",
    body: z.strictObject({ email: emailField }),
    output: nothing,
    successStatus: 202,
    ...ownAccount,
    stepUp: true,
    run: async (context) =>
      afterCommit(async () => {
        await beginEmailChange(deps, toCaller(context, name), context.input);
        return { status: 202, body: {} };
      }),
  });
}

function createConfirmEmailOperation(deps: IdentityDeps): Operation {
  const name = "account.confirmEmail";
  return operation({
    name,
    summary: "Puts another address in force by the token of the link that was sent there, once.",
    method: "POST",
    path: "/api/v1/account/email/confirm",
    body: z.strictObject({ token: secretField }),
    output: nothing,
    ...anybody,
    async run(context) {
      await confirmEmailChange(deps, context.input, toMark(context, name));
      return {};
    },
  });
}

/** One's own account. */
export function createAccountOperations(deps: IdentityOperationDeps): readonly Operation[] {
  return [
    createGetOperation(deps),
    createSessionOperation(deps),
    createUpdateOperation(deps),
    createEmailOperation(deps),
    createConfirmEmailOperation(deps),
  ];
}

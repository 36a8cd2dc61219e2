// One's passkeys over the API.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { Json } from "../../../kernel/json-schema.ts";
import { afterCommit, type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import {
  addPasskey,
  beginPasskey,
  listOwnPasskeys,
  type OwnPasskey,
  removePasskey,
  renamePasskey,
} from "../account/passkeys.ts";
import type { IdentityDeps } from "../deps.ts";
import { PasskeyRegistrationInput } from "../factors/passkey-answers.ts";
import { nameField, nothing, passkeyOptionsView } from "./fields.ts";
import { ownAccount, ownReading, toCaller } from "./guards.ts";

const path = "/api/v1/account/passkeys";
const params = z.strictObject({ passkeyId: idOf("passkey") });

const PasskeyView = z.object({
  passkeyId: idOf("passkey"),
  name: z.string().max(400),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional(),
  /** Whether it can be copied to other devices, and whether it is. */
  isBackupEligible: z.boolean(),
  isBackedUp: z.boolean(),
});

function toView(passkey: OwnPasskey): z.infer<typeof PasskeyView> {
  const { passkeyId, name, createdAtMs, lastUsedAtMs, isBackupEligible, isBackedUp } = passkey;
  const lastUsed = lastUsedAtMs === undefined ? {} : { lastUsedAt: new Date(lastUsedAtMs).toISOString() };
  const createdAt = new Date(createdAtMs).toISOString();
  return { passkeyId, name, createdAt, ...lastUsed, isBackupEligible, isBackedUp };
}

function createListOperation(deps: IdentityDeps): Operation {
  return operation({
    name: "passkeys.list",
    summary: "Lists one's passkeys, oldest first.",
    method: "GET",
    path,
    output: z.object({ items: z.array(PasskeyView).max(50) }),
    ...ownReading,
    isOpenWhileEnrolling: true,
    async run({ tx }) {
      return { items: (await listOwnPasskeys(tx, await deps.installation.sealer())).map(toView) };
    },
  });
}

function createOptionsOperation(deps: IdentityDeps): Operation {
  const name = "passkeys.options";
  return operation({
    name,
    summary: "Gives the browser what it needs to make a passkey.",
    method: "POST",
    path: `${path}/options`,
    output: passkeyOptionsView,
    ...ownAccount,
    audit: { none: "nothing changes until the passkey is added" },
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const options = await beginPasskey(deps, toCaller(context, name));
        return { status: 200, body: { options: options as unknown as Json } };
      }),
  });
}

function createAddOperation(deps: IdentityDeps): Operation {
  const name = "passkeys.add";
  return operation({
    name,
    summary: "Adds the passkey that the browser made. Ends one's other sessions.",
    method: "POST",
    path,
    body: z.strictObject({ name: nameField, passkey: PasskeyRegistrationInput }),
    output: PasskeyView,
    successStatus: 201,
    ...ownAccount,
    isOpenWhileEnrolling: true,
    run: async (context) =>
      afterCommit(async () => {
        const { passkey, token } = await addPasskey(deps, toCaller(context, name), context.input);
        return { status: 201, body: new SessionAnswer(toView(passkey), { session: token }) };
      }),
  });
}

function createRenameOperation(deps: IdentityDeps): Operation {
  const name = "passkeys.rename";
  return operation({
    name,
    summary: "Gives a passkey another name.",
    method: "PATCH",
    path: `${path}/{passkeyId}`,
    params,
    body: z.strictObject({ name: nameField }),
    output: nothing,
    ...ownAccount,
    run: async (context) =>
      afterCommit(async () => {
        await renamePasskey(deps, toCaller(context, name), context.input);
        return { status: 200, body: {} };
      }),
  });
}

function createRemoveOperation(deps: IdentityDeps): Operation {
  const name = "passkeys.remove";
  return operation({
    name,
    summary: "Removes a passkey. Ends one's other sessions.",
    method: "DELETE",
    path: `${path}/{passkeyId}`,
    params,
    output: nothing,
    successStatus: 204,
    ...ownAccount,
    stepUp: true,
    run: async (context) =>
      afterCommit(async () => {
        await removePasskey(deps, toCaller(context, name), context.input);
        return { status: 204, body: {} };
      }),
  });
}

/** One's passkeys. */
export function createPasskeyOperations(deps: IdentityDeps): readonly Operation[] {
  return [
    createListOperation(deps),
    createOptionsOperation(deps),
    createAddOperation(deps),
    createRenameOperation(deps),
    createRemoveOperation(deps),
  ];
}

// Every operation of identity.

import type { Operation } from "../../../kernel/operation.ts";
import type { IdentityOperationDeps } from "../deps.ts";
import { createAccountOperations } from "./account.ts";
import { createFactorOperations } from "./factors.ts";
import { createPasskeyOperations } from "./passkeys.ts";
import { createPasswordOperations } from "./password.ts";
import { createSessionOperations } from "./sessions.ts";
import { createSignInOperations } from "./sign-in.ts";

/** Signing in and out, passwords, and everything a person does to their own account. */
export function createIdentityOperations(deps: IdentityOperationDeps): readonly Operation[] {
  return [
    ...createSignInOperations(deps),
    ...createPasswordOperations(deps),
    ...createAccountOperations(deps),
    ...createPasskeyOperations(deps),
    ...createFactorOperations(deps),
    ...createSessionOperations(deps),
  ];
}

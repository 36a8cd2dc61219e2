// The operations on access tokens.

import type { Operation } from "../../../kernel/operation.ts";
import type { TokenDeps } from "../token-deps.ts";
import { keepingOperations } from "./keep-tokens.ts";
import { createMakingOperations } from "./make-tokens.ts";
import { createRevokeLeaked } from "./revoke-leaked.ts";

/** All of them. */
export function createTokenOperations(deps: TokenDeps): readonly Operation[] {
  return [...createMakingOperations(deps), ...keepingOperations, createRevokeLeaked(deps)];
}

// Letters about tokens that end within a week, to whoever made them.

import type { TenantTx } from "../../platform/db/index.ts";
import { tellExpiring } from "./letters.ts";
import { takeExpiring } from "./listing-store.ts";
import type { TokenDeps } from "./token-deps.ts";

const warnMs = 7 * 86_400_000;

/**
 * Warns the makers of one app's tokens that end within seven days, each token once, whichever process is first. Returns how
 * many it warned of. Shaped as a task of the hourly round through all apps.
 */
export async function warnExpiring(deps: TokenDeps, tx: TenantTx): Promise<number> {
  const now = deps.clock.nowMs();
  const tokens = await takeExpiring(tx, new Date(now), new Date(now + warnMs));
  for (const token of tokens) await tellExpiring(deps, tx, token);
  return tokens.length;
}

// Letters to a person about their own account, stored in the transaction of what they tell about.

import type { Origin } from "../../../kernel/operation.ts";
import type { BatchTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { queueLetter } from "../../letters/index.ts";
import {
  type FactorChange,
  type Occasion,
  toFactorChangedLetter,
  toLink,
  toPasswordChangedLetter,
} from "../../notices/index.ts";
import { describeOrigin } from "../sessions/describe-origin.ts";
import type { SessionDeps } from "../sessions/start-session.ts";
import type { Email } from "../users/email.ts";

export interface Telling {
  readonly to: Email;
  readonly origin: Origin;
  readonly sealer: Sealer;
}

type LetterDeps = Pick<SessionDeps, "clock" | "publicUrl">;

/** When and from where, as letters say it. */
export function toOccasion({ clock }: LetterDeps, origin: Origin): Occasion {
  return { atMs: clock.nowMs(), ...describeOrigin(origin) };
}

/** Tells a person that their factors changed. */
export async function tellFactorChange(
  deps: LetterDeps,
  batch: BatchTx,
  telling: Telling & { change: FactorChange },
): Promise<void> {
  const { to, origin, sealer, change } = telling;
  const securityLink = toLink(deps.publicUrl, "/account");
  const letter = toFactorChangedLetter({ change, occasion: toOccasion(deps, origin), securityLink });
  await queueLetter(batch, sealer, { to, ...letter });
}

/** Tells a person that their password changed. */
export async function tellPasswordChange(deps: LetterDeps, batch: BatchTx, telling: Telling): Promise<void> {
  const { to, origin, sealer } = telling;
  const securityLink = toLink(deps.publicUrl, "/account");
  const letter = toPasswordChangedLetter({ occasion: toOccasion(deps, origin), securityLink });
  await queueLetter(batch, sealer, { to, ...letter });
}

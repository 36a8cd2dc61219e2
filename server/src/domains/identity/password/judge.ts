import type { UserId } from "../../../kernel/ids.ts";
import type { Sealer } from "../../keys/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { toContextWords } from "../passwords/context-words.ts";
import { readUser, type User } from "../users/users.ts";

const system = { kind: "system", job: "judge password" } as const;

/**
 * Judges a password that somebody wants to have. Throws `identity.weak_password` with what to do, or `identity.busy`.
 * Returns the person it was judged for. No connection is held while it is judged.
 */
export async function judgeOwnPassword(
  deps: Pick<IdentityDeps, "database" | "judge" | "contextWordsFor">,
  password: string,
  whose: { userId: UserId; sealer: Sealer },
): Promise<User> {
  const { userId, sealer } = whose;
  const { user, places } = await deps.database.withBatch(system, async (batch) => ({
    user: await readUser(batch.enterUser(userId), sealer),
    places: await deps.contextWordsFor(batch, userId),
  }));
  const own = toContextWords({ personName: user.name, email: user.email });
  const contextWords = [...own, ...places.flatMap((name) => toContextWords({ organisation: name }))];
  const hasSecondFactor = user.hasTotp || user.passkeys > 0;
  await deps.judge.assertAcceptable(password, { hasSecondFactor, contextWords: [...new Set(contextWords)] });
  return user;
}

// One sentence about the state of things, under the header: what happened, what was kept, when it goes on.

import { useEffect, useState } from "preact/hooks";
import type { ChatState } from "../../client/types.ts";
import { toProblemText } from "../problem-text.ts";
import { fill, type Texts } from "../texts/index.ts";
import { useUi } from "../ui.ts";

function useSecondsUntil(moment: number | undefined): number {
  const { now } = useUi();
  const [, tick] = useState(0);
  const seconds = moment === undefined ? 0 : Math.max(0, Math.ceil((moment - now()) / 1000));
  useEffect(() => {
    if (seconds === 0) return;
    const timer = setTimeout(() => tick((count) => count + 1), 1000);
    return () => clearTimeout(timer);
  });
  return seconds;
}

function toSentence(state: ChatState, phrases: Texts): string | undefined {
  const { problem } = state;
  if (state.connection === "offline") {
    const count = state.messages.filter(({ status }) => status === "sending").length;
    return count === 0 ? phrases.offline : `${phrases.offline} ${fill(phrases.queued, { count })}`;
  }
  if (state.isProving) return phrases.checking;
  if (problem !== undefined && problem.retryAt === undefined) return toProblemText(problem, phrases);
  return state.needsIdentity ? phrases.needsIdentity : undefined;
}

/** Nothing, or the most pressing sentence. Seconds run down for eyes only; ears hear the sentence once. */
export function Banner({ state }: { readonly state: ChatState }) {
  const { phrases } = useUi();
  const limitedUntil = state.connection === "offline" ? undefined : state.problem?.retryAt;
  const seconds = useSecondsUntil(limitedUntil);
  const [first, setFirst] = useState({ until: 0, seconds: 0 });
  if (limitedUntil !== undefined && first.until !== limitedUntil) setFirst({ until: limitedUntil, seconds });
  const limited = (count: number) => fill(phrases.limited, { count });
  const sentence = seconds > 0 ? limited(seconds) : toSentence(state, phrases);
  return (
    <div class="banner" data-empty={sentence === undefined}>
      <span aria-hidden="true">{sentence}</span>
      <span class="unseen" role="status">
        {seconds > 0 ? limited(first.seconds) : sentence}
      </span>
    </div>
  );
}

// Tells screen readers what came, once and in one sentence. The drawn conversation is not live itself: times, delivery and
// older pages change there, and each would be read out.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatState, Message } from "../../client/types.ts";
import { toPlainText } from "../plain-text.ts";
import { fill } from "../texts/index.ts";
import { nameOf, useUi } from "../ui.ts";

/** So many sentences stay: enough for a burst, short for who reads them again. */
const keptCount = 5;

/** The messages that came after the last one known, of others than the visitor. Older ones that come above are no news. */
export function listNews(messages: readonly Message[], known: ReadonlySet<string>): Message[] {
  const seenAt = messages.findLastIndex(({ key }) => known.has(key));
  return messages.slice(seenAt + 1).filter(({ from }) => from !== "visitor");
}

/** Unseen. What stands in the conversation as it is first shown is not news. */
export function Announcer({ state }: { readonly state: ChatState }) {
  const ui = useUi();
  const { messages, isLoaded } = state;
  const [said, setSaid] = useState<readonly { readonly key: string; readonly words: string }[]>([]);
  const known = useRef<ReadonlySet<string>>(new Set());
  const isBegun = useRef(false);
  useEffect(() => {
    if (!isLoaded) return;
    const news = isBegun.current ? listNews(messages, known.current) : [];
    isBegun.current = true;
    known.current = new Set(messages.map(({ key }) => key));
    if (news.length === 0) return;
    const sentences = news.map((message) => {
      const text = toPlainText(message, ui.phrases);
      return { key: message.key, words: fill(ui.phrases.said, { name: nameOf(ui, message), text }) };
    });
    setSaid((before) => [...before, ...sentences].slice(-keptCount));
  }, [messages, isLoaded]);
  return (
    <div class="unseen" role="log" aria-live="polite" aria-relevant="additions" aria-label={ui.phrases.news}>
      {said.map(({ key, words }) => (
        <p key={key}>{words}</p>
      ))}
    </div>
  );
}

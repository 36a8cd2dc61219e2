// The conversation, scrolled. It stays at its end while the visitor is there, stays where it is when older messages come
// above, and offers the way down when something came below.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { QuickStart } from "../../client/config.ts";
import type { ChatState, Message } from "../../client/types.ts";
import { toGroups } from "../groups.ts";
import { nameOf, useUi } from "../ui.ts";
import { Avatar } from "./avatar.tsx";
import { Replies } from "./choices.tsx";
import { Greeting, Skeleton } from "./greeting.tsx";
import { GroupView } from "./group.tsx";
import { Icon } from "./icon.tsx";

interface LogProps {
  readonly state: ChatState;
  readonly begin: (start: QuickStart) => void;
}

/** So near to the end counts as at the end, in CSS pixels. */
const nearPx = 48;

function findQuickReplies(messages: readonly Message[]): Message | undefined {
  const answeredAt = messages.findLastIndex(({ from }) => from === "visitor");
  return messages.slice(answeredAt + 1).findLast(({ content }) => content.type === "quickReplies");
}

/** Holds the place in a scrolled list; tells whether its end is in view. */
function useScroll(messages: readonly Message[], rest: readonly unknown[]) {
  const ref = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const before = useRef({ first: "", height: 0, isAtEnd: true });
  const toEnd = () => ref.current?.scrollTo({ top: ref.current.scrollHeight });
  const look = () => {
    const log = ref.current;
    if (log === null || log.clientHeight === 0) return;
    before.current.isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < nearPx;
    setAtEnd(before.current.isAtEnd);
  };
  useLayoutEffect(() => {
    const log = ref.current;
    if (log === null) return;
    const first = messages[0]?.key ?? "";
    const { first: firstBefore, height } = before.current;
    const isOlder = firstBefore !== "" && first !== firstBefore && messages.some(({ key }) => key === firstBefore);
    if (isOlder) log.scrollTop += log.scrollHeight - height;
    else if (before.current.isAtEnd || messages.at(-1)?.status === "sending") toEnd();
    before.current = { ...before.current, first, height: log.scrollHeight };
    look();
  }, [messages, ...rest]);
  useEffect(() => {
    // Pictures, the composer and the window change sizes without a message.
    const observer = new ResizeObserver(() => (before.current.isAtEnd ? toEnd() : look()));
    if (ref.current !== null) observer.observe(ref.current);
    if (ref.current?.firstElementChild) observer.observe(ref.current.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return { ref, isAtEnd, look, toEnd };
}

function Typing({ state }: { readonly state: ChatState }) {
  const ui = useUi();
  const from = state.typing ?? "bot";
  const name = nameOf(
    ui,
    from === "agent" && state.agentName !== undefined ? { from, name: state.agentName } : { from },
  );
  return (
    <div class="group" data-from={from}>
      <Avatar from={from} name={name} />
      <span class="bubble typing" role="img" aria-label={ui.phrases.typing.replace("{name}", name)}>
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}

function QuickReplies({ message }: { readonly message: Message }) {
  const { chat, phrases } = useUi();
  const { content, messageId } = message;
  if (content.type !== "quickReplies") return null;
  return (
    <Replies
      label={phrases.replies}
      replies={content.replies}
      choose={({ title, payload }) => chat.sendPayload({ title, payload, ...(messageId ? { messageId } : {}) })}
    />
  );
}

function LogBody({ state, begin }: LogProps) {
  const { chat, phrases } = useUi();
  const { messages, isLoaded, isLoadingOlder } = state;
  const groups = useMemo(() => toGroups(messages), [messages]);
  const isEnded = state.phase === "ended";
  const asking = isEnded ? undefined : findQuickReplies(messages);
  const lastOwnKey = messages.findLast(({ from }) => from === "visitor")?.key;
  return (
    <div class="log-body">
      {!isLoaded && <Skeleton />}
      {isLoaded && messages.length === 0 && <Greeting begin={isEnded ? undefined : begin} />}
      {state.hasOlder && (
        <button type="button" class="link older" disabled={isLoadingOlder} onClick={() => chat.loadOlder()}>
          {isLoadingOlder ? phrases.loading : phrases.earlier}
        </button>
      )}
      {groups.map((group) => (
        <GroupView key={group.key} group={group} lastOwnKey={lastOwnKey} />
      ))}
      {asking !== undefined && <QuickReplies key={asking.key} message={asking} />}
      {state.typing !== undefined && <Typing state={state} />}
    </div>
  );
}

/** The scrolled part of the panel. */
export function Log({ state, begin }: LogProps) {
  const { chat, phrases } = useUi();
  const { messages, isLoaded, isOpen, typing } = state;
  const { ref, isAtEnd, look, toEnd } = useScroll(messages, [typing, isLoaded, isOpen]);
  useEffect(() => {
    if (isOpen && isAtEnd) chat.markRead();
  }, [chat, messages, isOpen, isAtEnd]);
  const lastKey = messages.at(-1)?.key;
  const seenKey = useRef(lastKey);
  if (isAtEnd) seenKey.current = lastKey;
  const hasNews = seenKey.current !== lastKey;
  return (
    <div class="log-frame">
      <div class="log" ref={ref} tabIndex={0} role="region" aria-label={phrases.conversation} onScroll={look}>
        <LogBody state={state} begin={begin} />
      </div>
      {!isAtEnd && (
        <button type="button" class="newest" onClick={toEnd}>
          <Icon name="down" />
          <span class={hasNews ? "" : "unseen"}>{hasNews ? phrases.news : phrases.newest}</span>
        </button>
      )}
    </div>
  );
}

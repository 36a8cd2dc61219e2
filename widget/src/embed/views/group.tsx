// A run of messages of one sender: name above, bubbles, time and fate below.

import { useMemo } from "preact/hooks";
import type { Message } from "../../client/types.ts";
import { formatDay, formatTime } from "../format.ts";
import type { Group } from "../groups.ts";
import { toProblemText } from "../problem-text.ts";
import { nameOf, useUi } from "../ui.ts";
import { Avatar } from "./avatar.tsx";
import { MessageView } from "./content.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface GroupProps {
  readonly group: Group;
  /** The visitor's last message that went out tells how far it came; those before it need not. */
  readonly lastOwnKey: string | undefined;
}

const statusIcons: Readonly<Record<string, IconName>> = {
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
};

function Failure({ message }: { readonly message: Message }) {
  const { chat, phrases } = useUi();
  return (
    <span class="failure">
      <Icon name="alert" />
      <span>
        {phrases.failed}
        {message.problem !== undefined && `. ${toProblemText(message.problem, phrases)}`}
      </span>
      <button type="button" class="link" onClick={() => chat.retry(message.key)}>
        {phrases.retry}
      </button>
      <button type="button" class="link" onClick={() => chat.discard(message.key)}>
        {phrases.remove}
      </button>
    </span>
  );
}

function Row({ message }: { readonly message: Message }) {
  return useMemo(
    () => (
      <div class="message" data-status={message.status}>
        <MessageView message={message} />
        {message.status === "failed" && <Failure message={message} />}
      </div>
    ),
    [message],
  );
}

/** One group with its day, when it is the day's first. */
export function GroupView({ group, lastOwnKey }: GroupProps) {
  const ui = useUi();
  const { locale, phrases, config, now } = ui;
  const [first] = group.messages;
  const last = group.messages.at(-1) ?? first;
  const isOwn = first.from === "visitor";
  const status = isOwn && last.key === lastOwnKey ? last.status : undefined;
  const icon = statusIcons[status ?? ""];
  return (
    <>
      {group.isFirstOfDay && <h2 class="day">{formatDay(locale, first.at, now())}</h2>}
      <div class="group" data-from={first.from} role="group" aria-label={nameOf(ui, first)}>
        {first.from !== "system" && !isOwn && (
          <>
            <Avatar from={first.from} name={nameOf(ui, first)} />
            <span class="name" aria-hidden="true">
              <bdi>{nameOf(ui, first)}</bdi>
              {first.from === "bot" && config.features.aiDisclosure && <abbr class="tag">{phrases.ai}</abbr>}
            </span>
          </>
        )}
        {group.messages.map((message) => (
          <Row key={message.key} message={message} />
        ))}
        <span class="meta">
          <time dateTime={new Date(last.at).toISOString()}>{formatTime(locale, last.at)}</time>
          {icon !== undefined && (
            <span class="status" data-status={status}>
              <Icon name={icon} />
              {phrases[status as "sent"]}
            </span>
          )}
        </span>
      </div>
    </>
  );
}

// The button that opens the chat, with what was not read yet.

import type { RefObject } from "preact";
import { fill } from "../texts/index.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";

interface LauncherProps {
  readonly unread: number;
  readonly button: RefObject<HTMLButtonElement | null>;
}

/** Round, or with the channel's own words beside the icon. */
export function Launcher({ unread, button }: LauncherProps) {
  const { chat, phrases, own } = useUi();
  const label = own.launcher ?? phrases.open;
  return (
    <button type="button" class="launcher" ref={button} aria-haspopup="dialog" onClick={() => chat.open()}>
      <Icon name="chat" />
      <span class={own.launcher === undefined ? "unseen" : "launcher-words"}>{label}</span>
      {unread > 0 && (
        <span class="badge">
          <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
          <span class="unseen">. {fill(phrases.unread, { count: unread })}</span>
        </span>
      )}
    </button>
  );
}

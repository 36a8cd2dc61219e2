// Who is on the other side, and the two ways out: menu and close.

import type { ChatState } from "../../client/types.ts";
import { fill } from "../texts/index.ts";
import { useUi } from "../ui.ts";
import { Avatar } from "./avatar.tsx";
import { hasMenu, Menu } from "./menu.tsx";
import { IconButton } from "./sheet.tsx";

/** The head of the panel. */
export function Header({ state }: { readonly state: ChatState }) {
  const { chat, config, phrases, own } = useUi();
  const { mode, agentName } = state;
  const under =
    mode === "agent"
      ? fill(phrases.withAgent, { name: agentName ?? phrases.agent })
      : mode === "waiting"
        ? phrases.waiting
        : own.subtitle;
  return (
    <header class="header">
      <Avatar from={mode === "agent" ? "agent" : "bot"} name={agentName} />
      <div class="header-words">
        <h1 id="title">{own.title ?? phrases.title}</h1>
        <p role="status" data-mode={mode}>
          {under}
        </p>
      </div>
      {hasMenu(state, Object.keys(config.texts).length) && <Menu state={state} />}
      <IconButton icon="close" label={phrases.close} onClick={() => chat.close()} />
    </header>
  );
}

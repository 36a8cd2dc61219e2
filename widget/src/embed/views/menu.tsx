// The button of the menu and the place it opens: a native popover, so Escape and a press elsewhere close it. What stands in
// it is loaded with the first press.

import { useRef, useState } from "preact/hooks";
import type { ChatState } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { onDemand } from "./on-demand.tsx";

/** Whether the menu has anything to offer. */
export function hasMenu(state: ChatState, localeCount: number): boolean {
  return localeCount > 1 || (state.phase === "ready" && state.messages.length > 0);
}

const MenuRows = onDemand(() => import("./menu-rows.tsx").then((part) => part.MenuRows));
const EndSheet = onDemand(() => import("./menu-rows.tsx").then((part) => part.EndSheet));

/** The button and what it opens. */
export function Menu({ state }: { readonly state: ChatState }) {
  const { phrases } = useUi();
  const [isWanted, setWanted] = useState(false);
  const [isEnding, setEnding] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const askToEnd = () => {
    menu.current?.hidePopover();
    setEnding(true);
  };
  return (
    <>
      <button
        type="button"
        class="round"
        aria-label={phrases.menu}
        title={phrases.menu}
        popovertarget="menu"
        onClick={() => setWanted(true)}
      >
        <Icon name="more" />
      </button>
      <div id="menu" class="menu" popover="auto" ref={menu}>
        {isWanted && <MenuRows state={state} askToEnd={askToEnd} />}
      </div>
      {isEnding && <EndSheet onClose={() => setEnding(false)} />}
    </>
  );
}

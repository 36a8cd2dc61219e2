// Who speaks, as a small round: the channel's picture for the bot, the first letter for a person.

import type { From } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";

interface AvatarProps {
  readonly from: From;
  readonly name?: string | undefined;
}

/** Decoration: the name stands beside it. */
export function Avatar({ from, name }: AvatarProps) {
  const { avatarUrl } = useUi().config.appearance;
  const letter = from === "agent" ? name?.trim().slice(0, 1) : undefined;
  return (
    <span class="avatar" data-from={from} aria-hidden="true">
      {letter ?? (avatarUrl === undefined ? <Icon name="chat" /> : <img src={avatarUrl} alt="" />)}
    </span>
  );
}

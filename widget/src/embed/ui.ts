// What every view needs and none should be handed through ten others: the chat's actions, the words, the settings. It is
// replaced only when the locale changes; what changes with each message goes down as properties.

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { WidgetConfig, WidgetTexts } from "../client/config.ts";
import type { Chat, ChatState, Message } from "../client/types.ts";
import type { Texts } from "./texts/index.ts";

export interface Ui {
  readonly chat: Chat;
  readonly config: WidgetConfig;
  readonly locale: string;
  readonly phrases: Texts;
  /** The channel's own words in this locale. */
  readonly own: Partial<WidgetTexts>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const UiContext = createContext<Ui | undefined>(undefined);

/** The surroundings of a view. Only under `App`. */
export function useUi(): Ui {
  return useContext(UiContext) as Ui;
}

/** The state of the chat; draws again after each change. */
export function useChatState(chat: Chat): ChatState {
  const [state, setState] = useState(chat.getState());
  useEffect(() => {
    const update = () => setState(chat.getState());
    update();
    return chat.subscribe(update);
  }, [chat]);
  return state;
}

/** The value of the drawing before this one. */
export function usePrevious<T>(value: T): T | undefined {
  const kept = useRef<T | undefined>(undefined);
  const previous = kept.current;
  useEffect(() => {
    kept.current = value;
  });
  return previous;
}

/** What the sender of a message is called. */
export function nameOf({ phrases }: Ui, { from, name }: Pick<Message, "from" | "name">): string {
  if (name !== undefined) return name;
  return from === "visitor" ? phrases.you : from === "agent" ? phrases.agent : phrases.bot;
}

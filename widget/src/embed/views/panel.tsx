// The open chat. A dialog beside the page, not over it: Tab leaves it, Escape closes it.

import { useEffect, useRef, useState } from "preact/hooks";
import type { QuickStart } from "../../client/config.ts";
import type { ChatState } from "../../client/types.ts";
import { usePrevious, useUi } from "../ui.ts";
import { Banner } from "./banner.tsx";
import { Footer } from "./footer.tsx";
import { Header } from "./header.tsx";
import { Log } from "./log.tsx";
import { onDemand } from "./on-demand.tsx";

interface PanelProps {
  readonly state: ChatState;
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the panel; tells whether some are held over it. */
function useDrop(isEnabled: boolean, addFiles: (files: Iterable<File>) => void) {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    onDragOver(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(isEnabled);
    },
    onDragLeave(event: DragEvent) {
      if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (isEnabled) addFiles(event.dataTransfer?.files ?? []);
    },
  };
}

/** The host's page gives the focus to the frame a moment after it has opened, and so takes it from what has it inside. */
function keepFocus(focus: () => void): () => void {
  const again = () => document.activeElement === document.body && focus();
  const stop = () => removeEventListener("focus", again);
  addEventListener("focus", again);
  const timer = setTimeout(stop, 500);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** Puts the focus where the visitor goes on: when the panel opens, and when the field comes or goes. */
function useFocus(isOpen: boolean, isWritable: boolean, focus: () => void): void {
  const wasOpen = usePrevious(isOpen);
  const wasWritable = usePrevious(isWritable);
  useEffect(() => {
    const isOpened = isOpen && wasOpen !== true;
    const isFieldSwapped = isOpen && wasWritable !== undefined && wasWritable !== isWritable;
    if (isOpened || isFieldSwapped) focus();
    return isOpened ? keepFocus(focus) : undefined;
  }, [isOpen, isWritable]);
}

/** What the visitor wanted before consent is sent with it, not before it. */
function useBegin(state: ChatState, focus: () => void) {
  const { chat } = useUi();
  const [wanted, setWanted] = useState<QuickStart>();
  const begin = (start: QuickStart) => {
    if ("payload" in start) chat.sendPayload({ title: start.title, payload: start.payload });
    else chat.send(start.text);
  };
  return {
    begin(start: QuickStart) {
      if (!state.needsConsent) begin(start);
      else {
        setWanted(start);
        focus();
      }
    },
    accept() {
      chat.acceptConsent();
      if (wanted !== undefined) begin(wanted);
      setWanted(undefined);
    },
  };
}

const Drop = onDemand(() => import("./drop.tsx").then((part) => part.Drop));

/** Stays in the page once it was open, so that what was being written is there when it opens again. */
export function Panel({ state }: PanelProps) {
  const { chat, config } = useUi();
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const isWritable = state.phase !== "ended" && !state.needsConsent;
  const canDrop = config.features.uploads && isWritable;
  const addFiles = (files: Iterable<File>) => {
    for (const file of files) chat.upload(file);
  };
  const { isOver, ...drop } = useDrop(canDrop, addFiles);
  const focus = () => {
    const next = field.current ?? panel.current?.querySelector<HTMLElement>("[data-focus]") ?? panel.current;
    next?.focus({ preventScroll: true });
  };
  useFocus(state.isOpen, isWritable, focus);
  const { begin, accept } = useBegin(state, focus);
  return (
    <section
      class="panel"
      role="dialog"
      aria-labelledby="title"
      tabIndex={-1}
      ref={panel}
      hidden={!state.isOpen}
      onKeyDown={(event) => {
        const isInner = document.querySelector("dialog[open], :popover-open") !== null;
        if (event.key === "Escape" && !event.isComposing && !isInner) chat.close();
      }}
      {...drop}
    >
      <Header state={state} />
      <Banner state={state} />
      <Log state={state} begin={begin} />
      <Footer state={state} field={field} addFiles={addFiles} accept={accept} />
      {isOver && <Drop />}
    </section>
  );
}

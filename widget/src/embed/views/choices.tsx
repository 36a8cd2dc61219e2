// What a message offers to choose: buttons, quick replies, a list in a sheet.

import { parseSafeUrl } from "@parley/richtext";
import { useState } from "preact/hooks";
import type { Button, Content, Reply } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { Sheet } from "./sheet.tsx";

export interface ChoiceProps {
  readonly choose: (reply: Reply) => void;
}

/**
 * A link to elsewhere, in another window, that tells the other side nothing.
 *
 * SECURITY: an address the one checker refuses leads nowhere, whoever wrote it.
 */
export function OutLink({ title, url, className }: { title: string; url: string; className: string }) {
  const { phrases } = useUi();
  const href = parseSafeUrl(url);
  if (href === undefined) return <span class={className}>{title}</span>;
  return (
    <a class={className} href={href} target="_blank" rel="noopener noreferrer">
      {title}
      <span class="unseen"> ({phrases.newWindow})</span>
      <Icon name="out" />
    </a>
  );
}

/** Buttons, one below the other. */
export function Buttons({ buttons, choose }: ChoiceProps & { readonly buttons: readonly Button[] }) {
  return (
    <span class="buttons">
      {buttons.map((button) =>
        "url" in button ? (
          <OutLink className="choice" key={button.title} title={button.title} url={button.url} />
        ) : (
          <button type="button" class="choice" key={button.title} onClick={() => choose(button)}>
            {button.title}
          </button>
        ),
      )}
    </span>
  );
}

/** One stop of the Tab key; the arrow keys, Home and End walk among them. */
export function Replies<T extends { readonly title: string }>(props: {
  readonly label: string;
  readonly replies: readonly T[];
  readonly choose: (reply: T) => void;
}) {
  const [current, setCurrent] = useState(0);
  const walk = (event: KeyboardEvent) => {
    const row = event.currentTarget as HTMLElement;
    const forward = getComputedStyle(row).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const last = props.replies.length - 1;
    const step = [forward, "ArrowDown"].includes(event.key) ? 1 : event.key.startsWith("Arrow") ? -1 : 0;
    const next = event.key === "Home" ? 0 : event.key === "End" ? last : (current + step + last + 1) % (last + 1);
    if (next === current) return;
    event.preventDefault();
    row.querySelectorAll("button")[next]?.focus();
  };
  return (
    <div class="replies" role="group" aria-label={props.label} onKeyDown={walk}>
      {props.replies.map((reply, index) => (
        <button
          type="button"
          class="reply"
          key={reply.title}
          tabIndex={index === current ? 0 : -1}
          onFocus={() => setCurrent(index)}
          onClick={() => props.choose(reply)}
        >
          {reply.title}
        </button>
      ))}
    </div>
  );
}

type ListContent = Extract<Content, { type: "list" }>;

/** A button that opens the rows of a list. */
export function List({ list, choose }: ChoiceProps & { readonly list: ListContent }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <span class="buttons">
      <button type="button" class="choice" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="list" />
        {list.button}
      </button>
      {isOpen && (
        <Sheet label={list.button} onClose={() => setOpen(false)}>
          <div class="sections">
            {list.sections.map((section, at) => (
              <section key={at} aria-label={section.title ?? list.button}>
                {section.title !== undefined && <h3>{section.title}</h3>}
                {section.rows.map((row) => (
                  <button
                    type="button"
                    class="row"
                    key={row.payload}
                    onClick={() => {
                      setOpen(false);
                      choose(row);
                    }}
                  >
                    {row.title}
                    {row.description !== undefined && <small>{row.description}</small>}
                  </button>
                ))}
              </section>
            ))}
          </div>
        </Sheet>
      )}
    </span>
  );
}

// Where the visitor writes. Enter sends, Shift+Enter breaks the line, and neither while an input method is composing.
// Files come in by the button, by paste and by drop.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { textLengthMax } from "../../client/types.ts";
import { fill } from "../texts/index.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { IconButton } from "./sheet.tsx";

interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly addFiles: (files: Iterable<File>) => void;
}

/** From here on the visitor is told how much is left. */
const warnedLength = textLengthMax - 200;

function Attach({ addFiles }: Pick<ComposerProps, "addFiles">) {
  const { phrases } = useUi();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label={phrases.attach} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={phrases.attach}
        onChange={(event) => {
          addFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

function Counter({ length }: { readonly length: number }) {
  const { phrases } = useUi();
  const left = textLengthMax - length;
  if (length < warnedLength) return null;
  return (
    <p id="counter" class="counter" data-over={left < 0}>
      {left < 0 ? fill(phrases.tooLong, { count: -left }) : fill(phrases.left, { count: left })}
    </p>
  );
}

/** As high as its text; the stylesheet ends it at five lines. */
function useGrowth(field: ComposerProps["field"], text: string): void {
  useLayoutEffect(() => {
    // Empty, it is one line: a frame that has not grown yet would be filled by the placeholder.
    const grow = () => {
      const area = field.current;
      area?.style.setProperty("--height", "auto");
      if (area?.value) area.style.setProperty("--height", `${area.scrollHeight}px`);
    };
    grow();
    addEventListener("resize", grow);
    return () => removeEventListener("resize", grow);
  }, [text]);
}

interface FieldProps extends ComposerProps {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly send: () => void;
}

function Field({ field, addFiles, text, setText, send }: FieldProps) {
  const { chat, config, phrases, own } = useUi();
  useGrowth(field, text);
  const placeholder = own.placeholder ?? phrases.placeholder;
  return (
    <textarea
      ref={field}
      rows={1}
      value={text}
      placeholder={placeholder}
      aria-label={placeholder}
      aria-invalid={text.length > textLengthMax}
      aria-describedby={text.length >= warnedLength ? "counter" : undefined}
      dir="auto"
      enterkeyhint="send"
      onInput={(event) => {
        setText(event.currentTarget.value);
        chat.typing(event.currentTarget.value !== "");
      }}
      onBlur={() => chat.typing(false)}
      onKeyDown={(event) => {
        // 229: Safari ends composing before the key that ended it is told.
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        send();
      }}
      onPaste={(event) => {
        const files = event.clipboardData?.files;
        if (!config.features.uploads || !files?.length) return;
        event.preventDefault();
        addFiles(files);
      }}
    />
  );
}

/** The field with its buttons. */
export function Composer({ field, addFiles }: ComposerProps) {
  const { chat, config, phrases } = useUi();
  const [text, setText] = useState("");
  const send = () => {
    if (chat.send(text)) setText("");
    field.current?.focus();
  };
  const isSendable = text.length <= textLengthMax && text.trim() !== "";
  return (
    <>
      <Counter length={text.length} />
      <div class="composer">
        {config.features.uploads && <Attach addFiles={addFiles} />}
        <Field field={field} addFiles={addFiles} text={text} setText={setText} send={send} />
        <button type="button" class="round send" aria-label={phrases.send} disabled={!isSendable} onClick={send}>
          <Icon name="send" />
        </button>
      </div>
    </>
  );
}

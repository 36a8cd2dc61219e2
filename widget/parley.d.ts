// Types of the chat on a website, for pages that load `/widget.js`:
//
//   <script async src="https://parley.example.com/widget.js" data-channel="chn_..."></script>
//
// `data-locale="es"` chooses the language, `data-open` opens the panel at once. The script is loaded on its own time; wait
// for it with the script's `load` event. Everything may be called before the chat is ready: it is done then.

export interface ParleyMessage {
  readonly messageId?: string;
  readonly from: "bot" | "agent";
  /** The person's name. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `text` where the message has one. */
  readonly content: { readonly type: string; readonly text?: string };
}

export interface ParleyEvents {
  /** The chat can be used. */
  readonly ready: undefined;
  readonly open: undefined;
  readonly close: undefined;
  /** A message of the bot or of a person that was not shown before. */
  readonly message: ParleyMessage;
  readonly unread: { readonly count: number };
  /** To be signed into the token for `identify` by your server. */
  readonly nonce: { readonly nonce: string };
  readonly identified: { readonly name?: string };
  /** The token was refused: `code` says why. */
  readonly identityRefused: { readonly code: string };
  readonly ended: { readonly reason: "ended" | "reused" | "disabled" | "refused" };
}

export interface ParleyWidget {
  open(): void;
  close(): void;
  toggle(): void;
  /** Sends a text as the visitor. */
  send(text: string): void;
  /** Tells who the visitor is by a JWT that your server signed. The outcome comes as `identified` or `identityRefused`. */
  identify(jwt: string): void;
  /** Such as `en`, `es` or `zh-Hant`. */
  setLocale(locale: string): void;
  /** Answers how to stop hearing it. */
  on<Name extends keyof ParleyEvents>(event: Name, handler: (detail: ParleyEvents[Name]) => void): () => void;
  /** Takes the chat off the page. What was said is kept for the next time. */
  destroy(): void;
}

declare global {
  var Parley: ParleyWidget | undefined;
}

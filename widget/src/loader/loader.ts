// `/widget.js`: puts the chat's frame into the host's page and lends it one global, `Parley`. Under 2 kB. Works under a
// strict policy of the host: no inline style or script, no markup from strings, nothing but `frame-src` and `script-src`
// for our origin. Position and size go through CSSOM, which no policy forbids.
//
// SECURITY: hears only its own frame at its own origin, and speaks only to it.

type Handler = (detail: unknown) => void;
type Styles = Record<string, string>;

interface Size {
  state: "closed" | "open";
  width: number;
  height: number;
  side: "left" | "right";
}

(() => {
  const host = window as unknown as { Parley?: unknown };
  const script = document.currentScript as HTMLScriptElement | null;
  const { channel, locale, open } = script?.dataset ?? {};
  if (host.Parley) return console.warn("Parley: this page has a chat already. Keep one script tag of widget.js.");
  if (!script || !channel) return console.error("Parley: widget.js needs a script tag with data-channel.");

  const { origin } = new URL(script.src);
  const handlers = new Map<string, Set<Handler>>();
  let waiting: object[] | undefined = [];
  let size: Size = { state: "closed", width: 0, height: 0, side: "right" };
  let formerFocus: HTMLElement | null = null;
  const frame = document.createElement("iframe");
  frame.sandbox.add("allow-scripts", "allow-same-origin", "allow-forms", "allow-popups");
  frame.sandbox.add("allow-popups-to-escape-sandbox", "allow-downloads");
  const post = (message: object) => frame.contentWindow?.postMessage({ parley: 1, ...message }, origin);
  const tell = (message: object) => {
    if (waiting) waiting.push(message);
    else post(message);
  };
  const command = (name: string) => (value?: string) => tell({ type: "command", name, value });

  const isSmall = () => innerWidth < 480;
  const place = () => {
    const isOpen = size.state === "open";
    const isFull = isOpen && isSmall();
    const styles: Styles = {
      display: size.width ? "block" : "none",
      width: isFull ? "100%" : `${size.width}px`,
      height: isFull ? "100%" : `${size.height}px`,
      inset: isFull ? "0" : size.side === "left" ? "auto auto 0 0" : "auto 0 0 auto",
    };
    Object.assign(frame.style, styles);
  };
  const tellViewport = () => {
    place();
    if (!waiting) post({ type: "viewport", width: innerWidth, height: innerHeight });
  };
  const resize = (next: Size) => {
    const isOpening = next.state === "open" && size.state !== "open";
    const isClosing = next.state !== "open" && size.state === "open";
    // Opened from within the frame, it is the frame that gives focus back to its own button.
    if (isOpening) formerFocus = document.activeElement === frame ? null : (document.activeElement as HTMLElement);
    size = next;
    place();
    if (isOpening) frame.focus();
    // Focus that the visitor has taken elsewhere meanwhile stays there.
    if (isClosing && document.activeElement === frame) formerFocus?.focus();
    if (isOpening || isClosing) emit(next.state === "open" ? "open" : "close");
  };
  const emit = (name: string, detail?: unknown) => {
    handlers.get(name)?.forEach((handler) => handler(detail));
  };
  const hear = ({ source, origin: from, data }: MessageEvent) => {
    if (source !== frame.contentWindow || from !== origin || data?.parley !== 1) return;
    if (data.type === "ready") {
      post({ type: "hello" });
      const queue = waiting ?? [];
      waiting = undefined;
      tellViewport();
      queue.forEach(post);
      emit("ready");
    }
    if (data.type === "size") resize(data);
    if (data.type === "event") emit(data.name, data.detail);
  };

  frame.title = "Chat";
  frame.allow = "clipboard-write";
  // A frame is drawn transparent only while its scheme is the same as its page's.
  const still: Styles = {
    position: "fixed",
    border: "0",
    zIndex: "2147483000",
    background: "none",
    colorScheme: "light",
  };
  Object.assign(frame.style, still, { maxWidth: "100%", maxHeight: "100%", transition: "none", display: "none" });
  frame.src = `${origin}/embed/${encodeURIComponent(channel)}`;
  addEventListener("message", hear);
  addEventListener("resize", tellViewport);
  const show = () => document.body.append(frame);
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);

  host.Parley = Object.freeze({
    open: () => command("open")(),
    close: () => command("close")(),
    toggle: () => command("toggle")(),
    send: command("send"),
    identify: command("identify"),
    setLocale: command("setLocale"),
    on(event: string, handler: Handler) {
      const own = handlers.get(event) ?? new Set();
      handlers.set(event, own.add(handler));
      return () => void own.delete(handler);
    },
    destroy() {
      removeEventListener("message", hear);
      removeEventListener("resize", tellViewport);
      removeEventListener("DOMContentLoaded", show);
      frame.remove();
      delete host.Parley;
    },
  });
  if (locale) command("setLocale")(locale);
  if (open !== undefined && open !== "false") command("open")();
})();

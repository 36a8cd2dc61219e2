// The icons: strokes on a grid of 24, in the colour of the text around them. Always beside words or in a named button.

const strokes = {
  chat: "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3.5 20.5 5 15.6A8.4 8.4 0 1 1 21 11.5Z",
  close: "m6 6 12 12M18 6 6 18",
  down: "m6 9 6 6 6-6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5m-6 6 6-6 6 6",
  attach: "m20 11-8.6 8.6a5.4 5.4 0 0 1-7.6-7.6l8.6-8.6a3.6 3.6 0 0 1 5 5l-8.5 8.6a1.8 1.8 0 0 1-2.6-2.5l8-8",
  check: "m5 12.5 4.5 4.5L19 7.5",
  checks: "m2.5 12.5 4.5 4.5 8.5-9M12 16l1 1 8.5-9",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  alert: "M12 8v5m0 3.5v.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  file: "M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7l-4-4Zm0 0v4h4",
  download: "M12 4v11m-5-4.5 5 4.5 5-4.5M5 20h14",
  out: "M8 16 17 7m-7 0h7v7",
  list: "M8 7h12M8 12h12M8 17h12M4 7h.01M4 12h.01M4 17h.01",
  forward: "m9 6 6 6-6 6",
  back: "m15 6-6 6 6 6",
  shield: "M12 3 5 6v5.5c0 4.3 3 7.6 7 9.5 4-1.9 7-5.2 7-9.5V6l-7-3Zm-3 9 2.2 2.2L15.2 10",
  image: "M4 5h16v14H4zm0 11 5-5 5 5 2-2 4 4M15 9.5h.01",
};

export type IconName = keyof typeof strokes;

/** One icon, unseen by screen readers. A view that is loaded on demand brings its own `path`. */
export function Icon({ name, path }: { readonly name?: IconName; readonly path?: string }) {
  const isDirected = name === "forward" || name === "back" || name === "out" || name === "list";
  return (
    <svg class={isDirected ? "icon turns" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path ?? strokes[name ?? "file"]} />
    </svg>
  );
}

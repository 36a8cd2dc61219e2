// The whole widget: the launcher or the panel, and the size that the frame around them must have.

import { render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { WidgetConfig } from "../client/config.ts";
import type { Chat } from "../client/types.ts";
import { choosePageLocale, directionOf, findOwnTexts, findTexts, loadTexts, type Texts } from "./texts/index.ts";
import { type Ui, UiContext, useChatState, usePrevious } from "./ui.ts";
import { Announcer } from "./views/announcer.tsx";
import { Launcher } from "./views/launcher.tsx";
import { Panel } from "./views/panel.tsx";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface AppOptions {
  readonly chat: Chat;
  readonly config: WidgetConfig;
  /** Tells the frame's size in CSS pixels. */
  readonly setSize: (state: "closed" | "open", width: number, height: number) => void;
  /** Of the first locale. */
  readonly texts: Texts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Below this width of the host's window the panel fills it. The loader does the same. */
const fullWidthBelow = 480;
/** The panel with the room for its shadow and the distance to the window's edge, as in `embed.css`. */
const panelSize: Size = { width: 436, height: 756 };
/** The launcher with the same room around it. */
const launcherRoom = 36;
const launcherSize = 56;

function useFrameSize({ setSize }: AppOptions, viewport: Size, isOpen: boolean, button: { current: Element | null }) {
  useLayoutEffect(() => {
    if (isOpen) {
      const isFull = viewport.width < fullWidthBelow;
      return isFull
        ? setSize("open", viewport.width, viewport.height)
        : setSize("open", panelSize.width, Math.min(panelSize.height, viewport.height));
    }
    const tell = () => {
      // A frame that is not shown yet measures nothing.
      const { width = 0, height = 0 } = button.current?.getBoundingClientRect() ?? {};
      setSize(
        "closed",
        Math.ceil(width || launcherSize) + launcherRoom,
        Math.ceil(height || launcherSize) + launcherRoom,
      );
    };
    tell();
    const observer = new ResizeObserver(tell);
    if (button.current !== null) observer.observe(button.current);
    return () => observer.disconnect();
  }, [isOpen, viewport.width, viewport.height]);
}

/** The words of the locale; those before it until they are here. */
function useTexts(locale: string, first: Texts): Texts {
  const [loaded, setLoaded] = useState(first);
  useEffect(() => void loadTexts(locale).then(setLoaded), [locale]);
  return findTexts(locale) ?? loaded;
}

function App({ options, viewport }: { readonly options: AppOptions; readonly viewport: Size }) {
  const { chat, config, now } = options;
  const state = useChatState(chat);
  const { isOpen } = state;
  // The host's page may ask for anything, and formatters throw at what is no locale.
  const locale = choosePageLocale(config, [state.locale]);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpened = useRef(false);
  wasOpened.current ||= isOpen;
  const texts = useTexts(locale, options.texts);
  const ui = useMemo<Ui>(
    () => ({ chat, config, now, locale, phrases: texts, own: findOwnTexts(config, locale) }),
    [chat, config, now, locale, texts],
  );
  useLayoutEffect(() => {
    const { documentElement: page } = document;
    page.lang = locale;
    page.dir = directionOf(locale);
    document.title = ui.own.title ?? ui.phrases.title;
  }, [ui]);
  const wasOpen = usePrevious(isOpen);
  // Before the host hears that the chat is closed: after, it would be taken from where the host has put it back.
  useLayoutEffect(() => {
    if (wasOpen === true && !isOpen) button.current?.focus();
  }, [isOpen]);
  useFrameSize(options, viewport, isOpen, button);
  return (
    <UiContext.Provider value={ui}>
      {!isOpen && <Launcher unread={state.unread} button={button} />}
      {wasOpened.current && <Panel state={state} />}
      <Announcer state={state} />
    </UiContext.Provider>
  );
}

/** Draws the widget into an element. Answers how to tell it the size of the host's window. */
export function mountApp(root: HTMLElement, options: AppOptions): (viewport: Size) => void {
  const { palette, theme, position } = options.config.appearance;
  for (const [name, value] of Object.entries(palette)) root.style.setProperty(name, value);
  root.dataset["theme"] = theme;
  root.dataset["side"] = position;
  const draw = (viewport: Size) => {
    root.toggleAttribute("data-full", viewport.width < fullWidthBelow);
    render(<App options={options} viewport={viewport} />, root);
  };
  draw({ width: 1024, height: 768 });
  return draw;
}

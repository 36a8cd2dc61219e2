// The entry of the embed page: reads the channel's settings, waits for the loader's hello, draws the widget, and lends its
// commands and events to the host's page. Without a host there is no site, and so no chat.

import { type Chat, type Command, createBridge, createChat, type WidgetConfig } from "../client/index.ts";
import { mountApp, type Size } from "./app.tsx";
import "./embed.css";
import { choosePageLocale, loadTexts } from "./texts/index.ts";

const now = (): number => performance.timeOrigin + performance.now();

function obey(chat: Chat, command: Command): void {
  const { name } = command;
  if (name === "toggle") chat[chat.getState().isOpen ? "close" : "open"]();
  else if (name === "identify") void chat.identify(command.value);
  else if (name === "send") chat.send(command.value);
  else if (name === "setLocale") chat.setLocale(command.value);
  else chat[name]();
}

function begin(root: HTMLElement, config: WidgetConfig): void {
  const { channelId, features } = config;
  const wanted = new URLSearchParams(location.search).get("locale");
  const locale = choosePageLocale(config, [...(wanted === null ? [] : [wanted]), ...navigator.languages]);
  let chat: Chat | undefined;
  const firstTexts = loadTexts(locale);
  let viewport: Size | undefined;
  let setViewport: ((size: Size) => void) | undefined;
  const bridge = createBridge({
    side: config.appearance.position,
    onHello(site) {
      const { consentRequired, identity } = features;
      const started = createChat({ channelId, locale, site, consentRequired, identity });
      chat = started;
      for (const name of ["message", "unread", "identified", "identityRefused", "ended", "nonce"] as const) {
        started.on(name, (detail) => bridge.emit(name, detail));
      }
      void firstTexts.then((texts) => {
        setViewport = mountApp(root, { chat: started, config, setSize: bridge.setSize, now, texts });
        if (viewport !== undefined) setViewport(viewport);
      });
    },
    onCommand: (command) => chat && obey(chat, command),
    onViewport(size) {
      viewport = size;
      setViewport?.(size);
    },
  });
}

const root = document.getElementById("chat");
const config = root?.dataset["config"];
if (root !== null && config !== undefined) begin(root, JSON.parse(config) as WidgetConfig);

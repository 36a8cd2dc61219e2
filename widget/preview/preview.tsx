// The entry of the preview: `/states/<name>?locale=&theme=` draws one state; inside the host page of the preview it tells
// its size as the real one tells the loader.

import { mountApp } from "../src/embed/app.tsx";
import "../src/embed/embed.css";
import { loadTexts } from "../src/embed/texts/index.ts";
import { createFakeChat, type FakeChat } from "./fake-chat.ts";
import { listSamples, toConfig } from "./states.ts";

const now = (): number => performance.timeOrigin + performance.now();
const query = new URLSearchParams(location.search);
const sample = listSamples(now())[location.pathname.split("/").at(-1) ?? ""] ?? {};
const theme = query.get("theme") as "light" | "dark" | null;
const chat = createFakeChat({ ...sample.state, locale: query.get("locale") ?? "en" }, now);
const root = document.getElementById("chat");
if (root !== null) {
  const texts = await loadTexts(chat.getState().locale);
  const setViewport = mountApp(root, {
    chat,
    config: toConfig(sample, theme ?? "auto"),
    now,
    texts,
    setSize: (state, width, height) => parent.postMessage({ state, width, height }, location.origin),
  });
  const tell = () => setViewport({ width: parent.innerWidth, height: parent.innerHeight });
  parent.addEventListener("resize", tell);
  tell();
}
(window as unknown as { chat: FakeChat }).chat = chat;

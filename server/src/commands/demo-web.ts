// The demo's web channel: a widget that anyone can talk to on the demo page, in four languages.

import { readFileSync } from "node:fs";
import { importTree, publishTree } from "../domains/bots/index.ts";
import { assignTrees, createChannel, findSiteOrigin, WebSettings } from "../domains/channels/index.ts";
import type { Sealer } from "../domains/keys/index.ts";
import type { ChannelId, TreeId } from "../kernel/ids.ts";
import type { TenantTx } from "../platform/db/index.ts";
import { type DemoFiles, withFiles } from "./demo-files.ts";

export interface DemoWeb {
  readonly channelId: ChannelId;
  /** What the widget's frame shows. */
  readonly embedUrl: string;
  /** Where anyone can talk to the bot. */
  readonly demoPageUrl: string;
  /** The sites that may show it. */
  readonly origins: readonly string[];
}

/** Shows every kind of message. */
const showcaseTree = new URL("../../../engine/examples/showcase.json", import.meta.url);

const texts = {
  en: {
    title: "Demo shop",
    subtitle: "Our assistant answers at once",
    greeting: "Hello! Ask about an order, or tap a button to begin.",
    placeholder: "Write a message",
    aiNotice: 'You are talking to an automatic assistant. Write "agent" to talk to a person.',
    launcher: "Chat with us",
  },
  "zh-Hant": {
    title: "示範商店",
    subtitle: "小助手即時回覆",
    greeting: "您好！請查詢訂單，或按下方按鈕開始。",
    placeholder: "輸入訊息",
    aiNotice: "您正在與自動助手對話。輸入「agent」即可與真人對話。",
    launcher: "與我們聊天",
  },
  es: {
    title: "Tienda de demostración",
    subtitle: "Nuestro asistente responde al momento",
    greeting: "¡Hola! Pregunte por un pedido o toque un botón para empezar.",
    placeholder: "Escriba un mensaje",
    aiNotice: "Está hablando con un asistente automático. Escriba «agent» para hablar con una persona.",
    launcher: "Hable con nosotros",
  },
  ar: {
    title: "متجر تجريبي",
    subtitle: "يجيب مساعدنا فورًا",
    greeting: "مرحبًا! اسأل عن طلب، أو اضغط زرًا للبدء.",
    placeholder: "اكتب رسالة",
    aiNotice: "أنت تتحدث إلى مساعد آلي. اكتب «agent» للتحدث إلى شخص.",
    launcher: "تحدث معنا",
  },
};

const quickStarts = [
  { title: "Where is order 42?", text: "order 42" },
  { title: "What can you do?", text: "menu" },
  { title: "Show me products", text: "carousel" },
  { title: "Talk to a person", text: "agent" },
];

/** The origin of an address of this server and, on a loopback one, the same under its other name. */
export function listOwnOrigins(baseUrl: string): readonly string[] {
  const { origin, hostname } = new URL(baseUrl);
  const twins: Readonly<Record<string, string>> = { "127.0.0.1": "localhost", localhost: "127.0.0.1" };
  const twin = twins[hostname];
  const both = twin === undefined ? [origin] : [origin, origin.replace(hostname, twin)];
  return both.filter((one) => findSiteOrigin(one) === one);
}

async function addShowcase(tx: TenantTx, files: DemoFiles): Promise<TreeId> {
  const treeId = await importTree(tx, JSON.parse(withFiles(readFileSync(showcaseTree, "utf8"), files)));
  await publishTree(tx, treeId, "demo");
  return treeId;
}

/** Makes the channel. It runs the showcase. */
export async function addDemoWeb(
  tx: TenantTx,
  { sealer, baseUrl, files }: { sealer: Sealer; baseUrl: string; files: DemoFiles },
): Promise<DemoWeb> {
  const origins = listOwnOrigins(baseUrl);
  const web = WebSettings.parse({ origins, texts, quickStarts, uploads: true, demoPage: true });
  const input = { kind: "web", name: "Website", settings: {}, credentials: {}, web };
  const { channelId } = await createChannel(tx, input, sealer);
  await assignTrees(tx, channelId, { defaultTreeIds: [await addShowcase(tx, files)] });
  const base = new URL(baseUrl).origin;
  return { channelId, embedUrl: `${base}/embed/${channelId}`, demoPageUrl: `${base}/demo/${channelId}`, origins };
}

// Every state of the widget that a visitor can come into, by name: what differs from a conversation with nothing said.

import { toPalette } from "../../server/src/embed/colours.ts";
import type { Features, WidgetConfig, WidgetTexts } from "../src/client/config.ts";
import type { ChatState, Content, From, Message, Upload } from "../src/client/types.ts";

export interface Sample {
  readonly state?: Partial<ChatState>;
  readonly features?: Partial<Features>;
  readonly texts?: Partial<WidgetTexts>;
  readonly accent?: string;
}

const minuteMs = 60_000;

/** Text that would run, load or lead away, were it taken for anything but text. */
const hostileText =
  '<img src="https://evil.example/x" onerror="hostile=1"><svg onload=hostile=1>[x](javascript:hostile=1)![y](https://evil.example/y)';

/** A conversation from pairs of sender and content, a minute apart, the last just before `now`. */
function talk(now: number, rows: readonly (readonly [From, Content, Partial<Message>?])[]): Message[] {
  return rows.map(([from, content, rest], index) => ({
    key: `m${index}`,
    messageId: `msg_${index}`,
    from,
    at: now - (rows.length - index) * minuteMs,
    ...(from === "visitor" ? { status: "read" as const } : {}),
    content,
    ...rest,
  }));
}

const say = (text: string): Content => ({ type: "text", text });
const image = { source: { index: 0 }, width: 640, height: 420 };

const orderTalk: readonly (readonly [From, Content, Partial<Message>?])[] = [
  ["visitor", say("Hi! Where is my order 42?"), { at: 1_763_700_000_000 }],
  ["bot", say("Hello! Let me have a look."), { at: 1_763_700_030_000 }],
  [
    "bot",
    say(
      "Order **42** left our warehouse on *Monday*:\n\n- Parcel 1: on its way\n- Parcel 2: [being packed](https://shop.example/orders/42)",
    ),
  ],
  ["visitor", say("Great, thank you")],
  ["visitor", say("Can I still change the address?"), { status: "delivered" }],
];

const uploads: readonly Upload[] = [
  { key: "u1", name: "receipt-november.pdf", bytes: 482_000, kind: "file" },
  {
    key: "u2",
    name: "a photograph with a rather long name that goes on.jpg",
    bytes: 9_400_000,
    kind: "image",
    problem: { code: "files.too_large" },
  },
];

const card = (index: number, title: string) => ({
  title,
  text: "Oak, oiled. In stock, ready in three days.",
  media: { source: { index }, width: 640, height: 400 },
  buttons: [
    { title: "Choose", payload: `card-${index}` },
    { title: "Details", url: "https://shop.example/lamp" },
  ],
});

/** The samples at a moment. */
export function listSamples(now: number): Readonly<Record<string, Sample>> {
  const messages = talk(now, orderTalk);
  const last = (content: Content, rest?: Partial<Message>) =>
    talk(now, [...orderTalk.slice(2, 4), ["bot", content, rest ?? {}]]);
  const shown = (content: Content, rest?: Partial<Message>): Sample => ({ state: { messages: last(content, rest) } });
  return {
    launcher: { state: { isOpen: false } },
    "launcher-unread": { state: { isOpen: false, unread: 3 } },
    "launcher-words": { state: { isOpen: false, unread: 1 }, texts: { launcher: "Chat with us" } },
    greeting: {},
    loading: { state: { phase: "starting", isLoaded: false, connection: "connecting" } },
    consent: { state: { needsConsent: true } },
    conversation: { state: { messages, hasOlder: true } },
    typing: { state: { messages, typing: "bot" } },
    statuses: {
      state: {
        messages: talk(now, [
          ...orderTalk.slice(0, 3),
          ["visitor", say("This one was refused"), { status: "failed", problem: { code: "messages.refused" } }],
          ["visitor", say("This one is on its way"), { status: "sending" }],
        ]),
      },
    },
    image: shown({ type: "image", media: image, caption: "The lamp in *oak*" }),
    "image-failed": shown({ type: "image", media: { ...image, source: { index: 99 } } }),
    files: {
      state: {
        messages: talk(now, [
          [
            "visitor",
            { type: "file", media: { source: { fileId: "fil_1" }, name: "receipt-november.pdf", bytes: 482_000 } },
          ],
          ["bot", { type: "audio", media: { source: { index: 0 } } }],
          [
            "bot",
            {
              type: "video",
              media: { source: { index: 0 }, width: 640, height: 360 },
              caption: "How to fit the shade",
            },
          ],
          [
            "bot",
            {
              type: "file",
              media: { source: { index: 0 }, name: "assembly-guide-and-warranty-2026.pdf", bytes: 2_400_000 },
            },
          ],
        ]),
      },
    },
    location: shown({
      type: "location",
      latitude: 22.28194,
      longitude: 114.15806,
      name: "Harbour store",
      address: "8 Finance Street, Central",
    }),
    buttons: shown({
      type: "buttons",
      text: "What would you like to do?",
      buttons: [
        { title: "Change the address", payload: "address" },
        { title: "Talk to a person", payload: "person" },
        { title: "Open the shop", url: "https://shop.example/" },
      ],
    }),
    "quick-replies": shown({
      type: "quickReplies",
      text: "Was this helpful?",
      replies: [
        { title: "Yes, thanks", payload: "yes" },
        { title: "Not really", payload: "no" },
        { title: "Talk to a person", payload: "person" },
      ],
    }),
    list: shown({
      type: "list",
      text: "Which order is it about?",
      button: "Choose an order",
      sections: [
        {
          title: "On the way",
          rows: [
            { title: "Order 42", description: "Desk lamp, oak", payload: "42" },
            { title: "Order 43", description: "Two shades", payload: "43" },
          ],
        },
        {
          title: "Earlier",
          rows: [
            { title: "Order 12", payload: "12" },
            { title: "Order 9", description: "Delivered in May", payload: "9" },
          ],
        },
      ],
    }),
    carousel: shown({ type: "carousel", cards: [card(0, "Desk lamp"), card(1, "Floor lamp"), card(2, "Wall lamp")] }),
    preview: shown(say("Have a look: https://shop.example/lamp"), {
      preview: {
        title: "Desk lamp in oak",
        description: "Warm light, made to last.",
        url: "https://shop.example/lamp",
        media: { source: { index: 1 }, width: 640, height: 300 },
      },
    }),
    choice: {
      state: {
        messages: talk(now, [
          ["bot", say("Was this helpful?")],
          ["visitor", { type: "payload", title: "Yes, thanks" }],
          ["bot", { type: "unknown" }],
        ]),
      },
    },
    waiting: {
      state: {
        messages: [...messages, ...talk(now, [["system", say("You asked for a person."), { key: "s1" }]])],
        mode: "waiting",
      },
    },
    agent: {
      state: {
        mode: "agent",
        agentName: "Ana",
        typing: "agent",
        isVerified: true,
        name: "Grace Hopper",
        messages: talk(now, [
          ...orderTalk.slice(0, 4),
          ["agent", say("Hello, I am Ana. I will change it for you."), { name: "Ana" }],
          ["agent", say("Where shall it go?"), { name: "Ana" }],
        ]),
      },
    },
    verified: { state: { messages, isVerified: true, name: "Grace Hopper" } },
    "off-hours": {
      state: { messages },
      features: { isOffHours: true },
      texts: { offHours: "We are back on Monday at 9:00." },
    },
    offline: {
      state: {
        connection: "offline",
        messages: messages.map((message, index) => (index > 2 ? { ...message, status: "sending" as const } : message)),
      },
    },
    limited: { state: { messages, problem: { code: "visitors.limited", retryAt: now + 12_000 } } },
    problem: { state: { messages, problem: { code: "visitors.identity_refused" } } },
    hostile: {
      texts: { title: hostileText, greeting: hostileText, launcher: hostileText },
      state: {
        isVerified: true,
        name: hostileText,
        mode: "agent",
        agentName: hostileText,
        uploads: [
          { key: "u", name: hostileText, bytes: 1, kind: "file", problem: { code: hostileText, detail: hostileText } },
        ],
        messages: talk(now, [
          ["visitor", say(hostileText)],
          [
            "agent",
            say(hostileText),
            {
              name: hostileText,
              preview: { title: hostileText, description: hostileText, url: "javascript:hostile=1" },
            },
          ],
          [
            "bot",
            {
              type: "buttons",
              text: hostileText,
              buttons: [
                { title: hostileText, url: "javascript:hostile=1" },
                { title: hostileText, payload: hostileText },
              ],
            },
          ],
          ["bot", { type: "file", media: { ...image, name: `../${hostileText}` }, caption: hostileText }],
          ["bot", { type: "location", latitude: 1, longitude: 2, name: hostileText, address: hostileText }],
          [
            "bot",
            {
              type: "carousel",
              cards: [{ title: hostileText, text: hostileText, buttons: [{ title: "Go", url: "data:text/html,x" }] }],
            },
          ],
          ["bot", { type: "quickReplies", text: hostileText, replies: [{ title: hostileText, payload: hostileText }] }],
        ]),
      },
    },
    proving: { state: { isProving: true } },
    identity: { state: { needsIdentity: true } },
    uploads: { state: { messages, uploads } },
    ended: { state: { messages, phase: "ended", endReason: "ended" } },
    reused: { state: { messages, phase: "ended", endReason: "reused" } },
    closed: { state: { phase: "ended", endReason: "disabled" } },
    bright: { state: { messages }, accent: "#ffd54a" },
  };
}

const english: WidgetTexts = {
  title: "Northwind Support",
  subtitle: "We usually answer within minutes",
  greeting: "Hi there. How can we help you today?",
  consent: "We store what you write to answer you. Read our [privacy notice](https://shop.example/privacy).",
};

/** The channel of the samples. */
export function toConfig(sample: Sample, theme: "auto" | "light" | "dark"): WidgetConfig {
  return {
    channelId: "chn_preview",
    appearance: { palette: toPalette(sample.accent ?? "#2e54c4"), position: "right", theme },
    texts: {
      en: { ...english, ...sample.texts },
      ar: { title: "دعم نورثويند", subtitle: "نرد عادةً خلال دقائق", greeting: "مرحبًا، كيف يمكننا مساعدتك اليوم؟" },
      es: { title: "Ayuda de Northwind" },
      "zh-Hant": { title: "Northwind 客服" },
    },
    defaultLocale: "en",
    features: {
      uploads: true,
      consentRequired: sample.state?.needsConsent === true,
      aiDisclosure: true,
      quickStarts: [
        { title: "Where is my order?", payload: "order" },
        { title: "Return something", text: "I want to return something" },
        { title: "Opening hours", payload: "hours" },
      ],
      isOffHours: false,
      transcript: true,
      identity: "off",
      ...sample.features,
    },
  };
}

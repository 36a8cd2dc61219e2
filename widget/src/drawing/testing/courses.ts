// What visitors and the chat do in the preview, step by step, each course from one of its states.

import type { Page } from "playwright-core";

/** The same is done in every page that is compared. */
export type Step = (page: Page) => Promise<unknown>;

const press =
  (name: string): Step =>
  (page) =>
    page.getByRole("button", { name }).first().click();
const key =
  (name: string): Step =>
  (page) =>
    page.keyboard.press(name);
const type =
  (text: string): Step =>
  (page) =>
    page.keyboard.type(text);
/** Until every picture that it shows is there. */
const openPicture =
  (name: string): Step =>
  async (page) => {
    await press(name)(page);
    await page.locator("[data-loading=true]").first().waitFor({ state: "detached" });
  };
const run =
  (script: string): Step =>
  (page) =>
    page.evaluate(script);
const change = (script: string): Step => run(`chat.change(((state) => (${script}))(chat.getState()))`);
const receive = (content: object): Step => run(`chat.receive(${JSON.stringify(content)})`);

const many = `({ messages: [...state.messages, ...Array.from({ length: 40 }, (_, at) => ({
  key: "many" + at, messageId: "many" + at, from: ["bot", "agent", "visitor"][at % 3], at: 1_763_700_000_000 + at * 400_000,
  content: { type: "text", text: "Message **" + at + "**" }, ...(at % 3 === 2 ? { status: "sent" } : {}),
}))] })`;
const buttons = {
  type: "buttons",
  text: "Which?",
  buttons: ["One", "Two"].map((title) => ({ title, payload: title })),
};

/** Title, state and steps of each. */
export const courses: readonly (readonly [title: string, state: string, steps: readonly Step[]])[] = [
  [
    "opened, closed and opened again",
    "launcher-unread",
    [press("Unread messages"), type("half"), key("Escape"), key("Enter")],
  ],
  [
    "typed and sent",
    "conversation",
    [
      run('document.querySelector("textarea").focus()'),
      type("one"),
      key("Shift+Enter"),
      type("two"),
      key("Enter"),
      type("x"),
      press("Send"),
    ],
  ],
  [
    "a text that is too long",
    "conversation",
    [
      (page) => page.getByRole("textbox").fill("x".repeat(3950)),
      (page) => page.getByRole("textbox").fill("x".repeat(4003)),
      (page) => page.getByRole("textbox").fill(""),
    ],
  ],
  ["buttons", "buttons", [press("Talk to a person"), receive(buttons), press("Two")]],
  [
    "quick replies by keys",
    "quick-replies",
    [(page) => page.getByRole("button", { name: "Yes, thanks" }).focus(), key("ArrowRight"), key("End"), key("Enter")],
  ],
  [
    "the sheet of a list",
    "list",
    [press("Choose an order"), key("Tab"), key("Escape"), press("Choose an order"), key("Enter")],
  ],
  ["a carousel", "carousel", [press("Next"), press("Previous"), press("Choose")]],
  [
    "the menu, and another language",
    "verified",
    [
      press("Menu"),
      (page) => page.locator("#menu select").selectOption("ar"),
      key("Escape"),
      run('chat.setLocale("zh-Hant")'),
      run('chat.setLocale("en")'),
    ],
  ],
  [
    "the menu, and the end of a conversation",
    "conversation",
    [
      press("Menu"),
      (page) => page.locator("#menu button").last().click(),
      (page) => page.locator("dialog button").first().click(),
    ],
  ],
  [
    "a message left off hours",
    "off-hours",
    [
      press("Leave a message"),
      (page) => page.getByRole("textbox", { name: "E-mail" }).fill("grace"),
      (page) => page.locator("dialog .primary").click(),
      (page) => page.getByRole("textbox", { name: "E-mail" }).fill("grace@northwind.example"),
      (page) => page.locator("textarea.input").fill("Please call"),
      (page) => page.locator("dialog .primary").click(),
    ],
  ],
  ["a picture made large", "image", [openPicture("Open image: The lamp in oak"), key("Escape")]],
  ["consent, and what was wanted before it", "consent", [press("Where is my order?"), key("Enter")]],
  [
    "uploads taken away and begun",
    "uploads",
    [
      change("{ uploads: [...state.uploads].reverse() }"),
      press("Remove"),
      change('{ uploads: [...state.uploads, { key: "u9", name: "b.png", bytes: 10, kind: "image" }] }'),
      change("{ uploads: [] }"),
    ],
  ],
  [
    "many messages at once and older ones above",
    "conversation",
    [
      change(many),
      change("{ messages: state.messages.slice(7) }"),
      change(
        '{ messages: [...[1, 2].map((at) => ({ ...state.messages[0], key: "earlier" + at, at: 1_763_000_000_000 + at })), ...state.messages] }',
      ),
      change("{ messages: [] }"),
      change(many),
    ],
  ],
  [
    "messages removed, reordered and changed",
    "agent",
    [
      change("{ messages: state.messages.filter((_, at) => at % 2 === 0) }"),
      change("{ messages: [...state.messages].reverse() }"),
      change('{ messages: state.messages.map((one) => ({ ...one, content: { type: "text", text: "edited" } })) }'),
      change("{ messages: [state.messages.at(-1), ...state.messages.slice(0, -1)] }"),
      change("{ messages: [] }"),
    ],
  ],
  [
    "focus and selection while everything else changes",
    "buttons",
    [
      run('document.querySelector("textarea").focus()'),
      type("half a thought"),
      run('document.querySelector("textarea").setSelectionRange(2, 6)'),
      receive(buttons),
      change('{ typing: "bot" }'),
      change('{ connection: "offline", mode: "waiting" }'),
      change('{ uploads: [{ key: "u", name: "a.pdf", bytes: 9, kind: "file" }] }'),
      run('chat.setLocale("es")'),
      change('{ connection: "online", typing: undefined, uploads: [], messages: state.messages.slice(1) }'),
    ],
  ],
  [
    "focus in a message while others come and go",
    "buttons",
    [
      (page) => page.getByRole("button", { name: "Change the address" }).focus(),
      receive(buttons),
      change("{ messages: state.messages.slice(1) }"),
      change("{ hasOlder: true }"),
      change('{ messages: [{ ...state.messages[0], key: "before" }, ...state.messages] }'),
    ],
  ],
  [
    "problems, an end and a beginning",
    "conversation",
    [
      change('{ problem: { code: "visitors.identity_refused" } }'),
      change("{ isProving: true }"),
      change("{ problem: undefined, isProving: false, needsIdentity: true }"),
      change('{ phase: "ended", endReason: "ended" }'),
      run("chat.restart()"),
    ],
  ],
];

// The letter with what was said in a chat, in plain text and in HTML. Everything people, bots and models wrote goes through
// the one safe renderer; nothing in it is loaded, and nothing in it is a link.

import { parseRichText, toPlainText } from "@parley/richtext";
import { css, type Html, html, renderRichText, stripControls, toOneLine } from "../../../platform/html/index.ts";
import type { WrittenLetter } from "../../notices/index.ts";
import { describeContent, type TranscriptContent } from "./describe-content.ts";
import { withoutLinks } from "./without-links.ts";

export interface TranscriptMessage {
  readonly from: "visitor" | "bot" | "agent" | "system";
  readonly name?: string | undefined;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly content: TranscriptContent;
}

export interface TranscriptFacts {
  /** What the website calls the chat. */
  readonly title: string;
  /** The host of this Parley. */
  readonly site: string;
  /** Oldest first. */
  readonly messages: readonly TranscriptMessage[];
}

const messagesMax = 500;
const messageCharactersMax = 8_000;
/** Of the messages in each form of the letter: a whole letter has at most 200 000. */
const letterCharactersMax = 180_000;
const titleMax = 100;
const nameMax = 80;
const usualNames = { visitor: "You", bot: "Assistant", agent: "Support", system: "Notice" } as const;

const fonts = css`font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
const styles = {
  body: css`margin: 0; padding: 0; background-color: #f5f6f8; color: #1a1e24; ${fonts}`,
  page: css`max-width: 560px; margin: 0 auto; padding: 32px 16px 40px; font-size: 16px; line-height: 1.55; ${fonts}`,
  sheet: css`padding: 32px; border: 1px solid #e1e5ea; border-radius: 12px; background-color: #ffffff; overflow-wrap: anywhere`,
  heading: css`margin: 0 0 16px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em`,
  message: css`margin: 0; padding: 12px 0; border-top: 1px solid #e1e5ea`,
  head: css`margin: 0 0 4px; font-size: 13px; line-height: 1.4; color: #57606c`,
  name: css`font-weight: 600; color: #1a1e24`,
  note: css`margin: 0 0 4px; color: #57606c`,
  small: css`margin: 20px 4px 0; font-size: 14px; line-height: 1.5; color: #57606c`,
};

/** One line, bounded, without controls. */
function toLine(text: string, max: number): string {
  const plain = toOneLine(text.slice(0, max * 4));
  return plain.length <= max ? plain : `${plain.slice(0, max - 1).trimEnd()}…`.toWellFormed();
}

interface Written {
  readonly text: string;
  readonly html: Html;
}

function writeMessage({ from, name, at, content }: TranscriptMessage): Written {
  const who = toLine(name ?? "", nameMax) || usualNames[from];
  const when = `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
  const described = describeContent(content);
  // SECURITY: whoever wrote it, it is text; what looked like markup or a link is shown as it was written.
  const blocks = withoutLinks(parseRichText(described.text.slice(0, messageCharactersMax)));
  const notes = described.notes.slice(0, 100).map((note) => toLine(note, 200));
  const lines = [toPlainText(blocks), ...notes].filter((part) => part !== "").join("\n");
  const safe = lines.split("\n").map(stripControls).join("\n");
  return {
    // Set in, so that no line of a message can pass for the head of another one.
    text: `${who}, ${when}\n${safe.replaceAll(/^(?=.)/gm, "  ")}`,
    html: html`<div class="line" style="${styles.message}">
<p class="quiet" style="${styles.head}"><bdi class="ink" style="${styles.name}">${who}</bdi>, ${when}</p>
${renderRichText(blocks)}${notes.map(
  (note) => html`<p class="quiet" dir="auto" style="${styles.note}">${note}</p>
`,
)}</div>
`,
  };
}

/** The latest messages that fit, oldest first, and whether any were left out. */
function writeMessages(messages: readonly TranscriptMessage[]): { written: Written[]; isCut: boolean } {
  const written: Written[] = [];
  let characters = 0;
  for (const message of messages.slice(-messagesMax).toReversed()) {
    const one = writeMessage(message);
    characters += Math.max(one.text.length, one.html.toString().length);
    if (characters > letterCharactersMax) break;
    written.unshift(one);
  }
  return { written, isCut: written.length < messages.length };
}

const reason = "You get this letter because you asked for it in the chat.";
const cutWords = "Earlier messages are left out.";

interface Page {
  readonly heading: string;
  readonly foot: string;
  readonly isCut: boolean;
  readonly written: readonly Written[];
}

function writePage({ heading, foot, isCut, written }: Page): Html {
  return html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${heading}</title>
<style>
:root { color-scheme: light dark; }
@media (max-width: 480px) {
  .sheet { padding: 24px 20px !important; }
}
@media (prefers-color-scheme: dark) {
  body, .page { background-color: #0f1216 !important; color: #e7eaee !important; }
  .sheet { background-color: #171b21 !important; border-color: #2a3038 !important; }
  .ink { color: #e7eaee !important; }
  .quiet { color: #a2acb8 !important; }
  .line { border-color: #2a3038 !important; }
}
</style>
</head>
<body style="${styles.body}">
<div class="page" role="article" aria-roledescription="email" aria-label="${heading}" lang="en" style="${styles.page}">
<div class="sheet" style="${styles.sheet}">
<h1 class="ink" style="${styles.heading}">${heading}</h1>
${
  isCut &&
  html`<p class="quiet" style="${styles.note}">${cutWords}</p>
`
}${written.map((one) => one.html)}</div>
<p class="quiet" style="${styles.small}">${foot}</p>
</div>
</body>
</html>
`;
}

/** Writes the letter. */
export function toTranscriptLetter({ title, site, messages }: TranscriptFacts): WrittenLetter {
  const name = toLine(title, titleMax) || "Chat";
  const heading = `What was said: ${name}`;
  const foot = `${reason} Sent by Parley at ${site}.`;
  const { written, isCut } = writeMessages(messages);
  const parts = [heading, ...(isCut ? [cutWords] : []), ...written.map(({ text }) => text), `-- \n${foot}`];
  const page = writePage({ heading, foot, isCut, written });
  return { subject: `Your chat: ${name}`, text: `${parts.join("\n\n")}\n`, html: page.toString() };
}

// A letter in plain text: lines of at most 72 characters, links alone on theirs so that no mail program breaks them.

import type { LetterContent } from "./letter-content.ts";

const width = 72;

function wrap(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

function writeRows(rows: NonNullable<LetterContent["rows"]>): string {
  const labelWidth = Math.max(...rows.map(([label]) => label.length)) + 3;
  const indent = " ".repeat(labelWidth);
  return rows
    .map(
      ([label, value]) => `${label}:`.padEnd(labelWidth) + wrap(typeof value === "string" ? value : value.text, indent),
    )
    .join("\n");
}

function writeCaution({ title, words, link, label }: NonNullable<LetterContent["caution"]>): string {
  const lines = [wrap(`${title} ${words.text}`)];
  if (link !== undefined) lines.push(`\n${label ?? "See"}:\n${link.toString()}`);
  return lines.join("\n");
}

/** The plain text of a letter. */
export function writeText(content: LetterContent): string {
  const { heading, paragraphs, rows, action, note, caution, reason, site } = content;
  const parts = [
    `${heading}\n${"=".repeat(Math.min(heading.length, width))}`,
    ...paragraphs.map((paragraph) => wrap(paragraph.text)),
    rows === undefined ? "" : writeRows(rows),
    action === undefined ? "" : `${action.label}:\n${action.link.toString()}`,
    note === undefined ? "" : wrap(note.text),
    caution === undefined ? "" : writeCaution(caution),
    `-- \n${wrap(reason.text)}\n${wrap(`Sent by Parley at ${site}. Parley never asks for a password or a code by mail.`)}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

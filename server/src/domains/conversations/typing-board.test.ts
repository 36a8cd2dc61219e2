import { expect, it } from "vitest";
import { fromUuid } from "../../kernel/ids.ts";
import { toMemberKey } from "./lane.ts";
import { TypingBoard } from "./typing-board.ts";

it("remembers who writes for ten seconds, and forgets at once who stopped", () => {
  let nowMs = 0;
  const board = new TypingBoard({ nowMs: () => nowMs });
  const member = toMemberKey(fromUuid("channel", "a".repeat(32)), Buffer.from("01", "hex"));
  expect(board.isTyping(member)).toBe(false);
  board.note(member, true);
  nowMs = 9_999;
  expect(board.isTyping(member)).toBe(true);
  nowMs = 10_000;
  expect(board.isTyping(member)).toBe(false);
  board.note(member, true);
  board.note(member, false);
  expect(board.isTyping(member)).toBe(false);
});

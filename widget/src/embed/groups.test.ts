import { describe, expect, it } from "vitest";
import type { From, Message } from "../client/types.ts";
import { toGroups } from "./groups.ts";
import { listNews } from "./views/announcer.tsx";

const noon = new Date(2026, 10, 23, 12).getTime();
const write = (key: string, from: From, minute: number, name?: string): Message => ({
  key,
  from,
  at: noon + minute * 60_000,
  content: { type: "text", text: key },
  ...(name === undefined ? {} : { name }),
});
const keysOf = (messages: readonly Message[]) =>
  toGroups(messages).map((group) => group.messages.map(({ key }) => key));

describe("the groups of a conversation", () => {
  it("hold runs of one sender, cut by another sender, another name and a silence", () => {
    const messages = [
      write("a", "bot", 0),
      write("b", "bot", 1),
      write("c", "visitor", 2),
      write("d", "agent", 3, "Ana"),
      write("e", "agent", 4, "Ben"),
      write("f", "agent", 20, "Ben"),
    ];
    expect(keysOf(messages)).toEqual([["a", "b"], ["c"], ["d"], ["e"], ["f"]]);
  });

  it("begin again with each day, and only the first of a day says so", () => {
    const midnight = 12 * 60;
    const groups = toGroups([
      write("a", "bot", midnight - 1),
      write("b", "bot", midnight + 1),
      write("c", "visitor", midnight + 2),
    ]);
    expect(groups.map(({ isFirstOfDay }) => isFirstOfDay)).toEqual([true, true, false]);
  });
});

describe("what is announced", () => {
  it("is what came after the last message known, of others than the visitor", () => {
    const messages = [write("a", "bot", 0), write("b", "visitor", 1), write("c", "bot", 2), write("d", "agent", 3)];
    expect(listNews(messages, new Set(["a", "b"])).map(({ key }) => key)).toEqual(["c", "d"]);
    expect(listNews(messages, new Set(["d"]))).toEqual([]);
    expect(listNews(messages.slice(0, 3), new Set(["a", "c", "discarded"]))).toEqual([]);
  });
});

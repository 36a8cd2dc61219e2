import { afterAll, describe, expect, it } from "vitest";
import { toContextWords } from "./context-words.ts";
import { PasswordJudge } from "./judge-password.ts";

// One row: the password, whether a second factor stands beside it, and the verdict or the reason against it.
type Row = readonly [password: string, factor: "alone" | "factor", verdict: string];

const contextWords = toContextWords({
  organisation: "Müller & Söhne GmbH",
  app: "Kundendienst",
  personName: "Alice Wonderland",
  email: "alice.w@looking-glass.example",
});
const nfd = "Fähre über Köln".normalize("NFD");

const rows: readonly Row[] = [
  // Length, in code points after NFC.
  ["", "alone", "too_short"],
  ["", "factor", "too_short"],
  ["k7#vQ2!", "factor", "too_short"],
  ["k7#vQ2!x", "factor", "accepted"],
  ["k7#vQ2!x", "alone", "too_short"],
  ["k7#vQ2!xM9pL4t", "alone", "too_short"],
  ["k7#vQ2!xM9pL4tz", "alone", "accepted"],
  ["🦀🐙🦑🐠🐡🦈🐬", "factor", "too_short"],
  ["🦀🐙🦑🐠🐡🦈🐬🐳", "factor", "accepted"],
  ["👩‍🚀🪐 tulip lamp", "alone", "accepted"],
  [nfd, "alone", "accepted"],
  [nfd.slice(0, -2), "alone", "too_short"],
  ["plum kayak ridge ".repeat(15) + "z", "alone", "accepted"],
  ["plum kayak ridge ".repeat(16).slice(0, 257), "alone", "too_long"],
  ["😀".repeat(257), "alone", "too_long"],
  ["x".repeat(1_000_000), "alone", "too_long"],
  // No rule about kinds of characters.
  ["tundra vellum oboe", "alone", "accepted"],
  ["TUNDRA VELLUM OBOE", "alone", "accepted"],
  ["830174629583017", "alone", "accepted"],
  ["!?§%&=+~#;:,._-", "alone", "accepted"],
  ["correct horse battery staple", "alone", "accepted"],
  ["correcthorsebatterystaple", "alone", "accepted"],
  ["密室の鍵は七番目の猫が持っている", "alone", "accepted"],
  ["пять зелёных слонов", "alone", "accepted"],
  ["  leading and trailing  ", "alone", "accepted"],
  // Not text.
  ["tundra vellum\noboe", "alone", "not_text"],
  ["tundra vellum\u0000oboe", "alone", "not_text"],
  ["tundra\tvellum oboe", "alone", "not_text"],
  ["tundra vellum oboe\ud83d", "alone", "not_text"],
  // Common ones, whole, whatever their case or width.
  ["password", "factor", "common"],
  ["PASSWORD", "factor", "common"],
  ["PassWord1", "factor", "common"],
  ["12345678", "factor", "common"],
  ["ｐａｓｓｗｏｒｄ", "factor", "common"],
  ["iloveyou", "factor", "common"],
  ["football", "factor", "common"],
  ["qwertyuiop", "factor", "common"],
  ["1qaz2wsx3edc4rfv", "alone", "common"],
  ["123456789qwerty", "alone", "common"],
  ["passwordpassword", "alone", "common"],
  // Among the first million guesses.
  ["aaaaaaaaaaaaaaa", "alone", "guessable"],
  ["abcabcabcabcabcabc", "alone", "guessable"],
  ["abcdefghijklmnopqrstuvwxyz", "alone", "guessable"],
  ["Password1234567", "alone", "guessable"],
  ["P@ssw0rd!P@ssw0rd!", "alone", "guessable"],
  ["iloveyouiloveyou", "alone", "guessable"],
  ["summer2024summer2024", "alone", "guessable"],
  ["a".repeat(256), "alone", "guessable"],
  // Made of context words.
  ["ParleyParleyParley", "alone", "context"],
  ["parley-parley-2024", "alone", "context"],
  ["P4r1ey!P4r1ey!2024", "alone", "context"],
  ["@l1ce_W0nder1and", "alone", "context"],
  ["alice.wonderland", "alone", "context"],
  ["AliceWonderland1!", "alone", "context"],
  ["W0nderl@nd-Alice", "alone", "context"],
  ["alice.w@looking-glass.example", "alone", "context"],
  ["MULLERSOHNE2026", "alone", "context"],
  ["kundendienst123", "alone", "context"],
  ["Kundendienst!", "factor", "context"],
  // A context or common word inside something longer is nobody's business.
  ["alice eats 7 purple tractors", "alone", "accepted"],
  ["parley 8f3kq0vz71mw", "alone", "accepted"],
  ["my password is a walrus", "alone", "accepted"],
];

describe("password verdicts", () => {
  const judge = new PasswordJudge();
  afterAll(() => judge.close());

  it("covers sixty passwords and more", () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  const named = rows.map((row) => [JSON.stringify(row[0].slice(0, 30)), row[1], row[2], row[0]] as const);
  it.each(named)("%#: %s %s is %s", async (_name, factor, expected, password) => {
    const verdict = await judge.judgePassword(password, { hasSecondFactor: factor === "factor", contextWords });
    expect(verdict.isAccepted ? "accepted" : verdict.reason).toBe(expected);
    expect(verdict.sentence).toMatch(/^[A-Z].*\.$/);
    expect(verdict.explanation).toMatch(/^(Very weak|Weak|Fair|Good|Strong): .*\.$/);
    expect(verdict.isAccepted).toBe(verdict.reason === undefined);
  });
});

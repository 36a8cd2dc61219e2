import { performance } from "node:perf_hooks";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { PasswordJudge } from "./judge-password.ts";
import { StrengthMeter } from "./strength-meter.ts";

const alone = { hasSecondFactor: false, contextWords: ["parley", "alice"] };
const meters: StrengthMeter[] = [];

function createMeter(options: ConstructorParameters<typeof StrengthMeter>[0] = {}): StrengthMeter {
  const meter = new StrengthMeter(options);
  meters.push(meter);
  return meter;
}

afterEach(async () => {
  await Promise.all(meters.splice(0).map((meter) => meter.close()));
});

describe("judging a password", () => {
  const judge = new PasswordJudge();
  afterAll(() => judge.close());

  it("asks about a breach last, only where an operator wants it, and refuses what is known from one", async () => {
    const asked: string[] = [];
    const asking = new PasswordJudge(createMeter(), async (password) => {
      asked.push(password);
      return password.startsWith("tundra");
    });
    const verdicts = [];
    for (const password of ["short", "parley", "tundra vellum oboe", "marble vellum oboe"]) {
      verdicts.push((await asking.judgePassword(password, alone)).reason);
    }
    expect(verdicts.slice(2)).toEqual(["breached", undefined]);
    expect(asked).toEqual(["tundra vellum oboe", "marble vellum oboe"]);
    expect(await judge.judgePassword("tundra vellum oboe", alone)).toMatchObject({ isAccepted: true });
  });

  it("never blocks the event loop for long, whatever is judged", async () => {
    await judge.judgePassword("tundra vellum oboe", alone);
    const hard = ["p4$$w0rd1@3!0", "@@@4448$$$!!!|||111000", "01/02/1990-11.12.2001", "x1!"].map((text) =>
      text.repeat(100).slice(0, 256),
    );
    const before = process.threadCpuUsage();
    await Promise.all(hard.map((password) => judge.judgePassword(password, alone)));
    const { user, system } = process.threadCpuUsage(before);
    // What this thread itself worked: a busy machine does not count. Scored here and uncut, it would be seconds.
    expect((user + system) / 1000 / hard.length).toBeLessThan(10);
  });

  it("answers in a fraction of a second once the lists are loaded", async () => {
    await judge.judgePassword("tundra vellum oboe", alone);
    const startedMs = performance.now();
    await judge.judgePassword("p4$$w0rd1@3!0".repeat(19), alone);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  it("explains a weak password, and a stronger one is scored higher", async () => {
    const weak = await judge.judgePassword("Password1234567", alone);
    const strong = await judge.judgePassword("tundra vellum oboe kayak", alone);
    expect(weak.explanation).toBe(
      "Weak: among the first million guesses. This is similar to a commonly used password. Add more words that are less common.",
    );
    expect(strong).toMatchObject({ isAccepted: true, strength: 4 });
    expect(strong.explanation).toBe("Strong: more than ten thousand million guesses.");
  });

  it("says so when it scored only the beginning", async () => {
    const { explanation } = await judge.judgePassword("tundra vellum oboe kayak ".repeat(5), alone);
    expect(explanation).toContain("Only its first 64 characters were scored");
  });

  it("throws a refusal with the sentence of the verdict, and lets the others pass", async () => {
    await expect(judge.assertAcceptable("short", alone)).rejects.toMatchObject({
      code: "identity.weak_password",
      status: 400,
      detail: "The password has 5 characters. Use at least 15; four unrelated words are easy to remember.",
      mistakes: [{ path: "password" }],
    });
    await expect(judge.assertAcceptable("tundra vellum oboe", alone)).resolves.toBeUndefined();
  });
});

describe("the strength thread", () => {
  it("SECURITY: a password that could not be looked up in time is not accepted", async () => {
    const judge = new PasswordJudge(createMeter({ timeoutMs: 1 }));
    await expect(judge.judgePassword("tundra vellum oboe", alone)).rejects.toMatchObject({ code: "identity.busy" });
  });

  it("starts again after it was ended", async () => {
    const meter = createMeter();
    const lost = meter.measure("tundra vellum oboe", []);
    const ended = meter.close();
    await expect(lost).rejects.toMatchObject({ code: "identity.busy", retryAfterSeconds: 2 });
    await ended;
    await expect(meter.measure("password", [])).resolves.toMatchObject({ isCommon: true });
  });

  it("lets only so many wait", async () => {
    const meter = createMeter({ waitingMax: 2 });
    const first = [meter.measure("one", []), meter.measure("two", [])];
    await expect(meter.measure("three", [])).rejects.toMatchObject({ code: "identity.busy", status: 503 });
    await expect(Promise.all(first)).resolves.toHaveLength(2);
  });

  it("gives the memory of its lists back when nobody asks any more", async () => {
    const meter = createMeter({ idleMs: 50 });
    expect(meter.isLoaded).toBe(false);
    await meter.measure("one", []);
    expect(meter.isLoaded).toBe(true);
    await expect.poll(() => meter.isLoaded, { timeout: 5_000 }).toBe(false);
  });
});

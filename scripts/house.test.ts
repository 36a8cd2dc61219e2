import { describe, expect, it } from "vitest";
import { checkHouse } from "./house.ts";

function problemsOf(path: string, text: string): string[] {
  return checkHouse([{ path, text }]).flatMap((verdict) => (verdict.problems.length > 0 ? [verdict.name] : []));
}

describe("the rules of the house", () => {
  it.each([
    ["server/src/domains/keys/x.ts", 'import { a } from "../channels/index.ts";', "imports go one way"],
    ["server/src/domains/bots/x.ts", 'import { a } from "../channels/store.ts";', "imports go one way"],
    ["server/src/kernel/x.ts", 'import { a } from "../platform/db/index.ts";', "imports go one way"],
    ["engine/src/x.ts", 'import { a } from "../../server/src/config.ts";', "imports go one way"],
    ["server/src/domains/bots/x.ts", "process.env.HOME", "process.env is read in config.ts only"],
    [
      "server/src/domains/bots/x.ts",
      'import { createHash } from "node:crypto";',
      "node:crypto is used in platform/crypto only",
    ],
    ["server/src/domains/bots/x.ts", "await fetch(url)", "outgoing connections are made in platform/outbound only"],
    ["server/src/domains/bots/x.ts", "const a = appStatement<Row>(", "SQL stands in store files and platform/db only"],
    ["server/src/domains/bots/x.ts", "Date.now()", "the clock is read through kernel/clock.ts"],
    ["server/src/domains/bots/x.ts", "Math.random()", "randomness comes from platform/crypto"],
    ["server/src/domains/bots/x.ts", 'throw new Error("x")', "only AppError is thrown"],
  ])("finds in %s: %s", (path, text, rule) => {
    expect(problemsOf(path, text)).toEqual([rule]);
  });

  it.each([
    ["widget/src/text/x.tsx", "<p dangerouslySetInnerHTML={{ __html: text }} />"],
    ["widget/src/x.ts", "element.innerHTML = text"],
    ["widget/src/x.ts", "element.outerHTML = text"],
    ["widget/src/x.ts", 'element["insertAdjacentHTML"]("beforeend", text)'],
    ["widget/src/x.ts", "frame.srcdoc = text"],
    ["widget/src/x.tsx", '<iframe sandbox="" srcDoc={text} />'],
    ["widget/src/x.ts", "window.open(url)"],
    ["widget/src/x.ts", "globalThis.open(url)"],
    ["widget/src/x.ts", "document.write(text)"],
    ["widget/src/x.ts", "range.createContextualFragment(text)"],
    ["widget/src/x.ts", 'new DOMParser().parseFromString(text, "text/html")'],
    ["widget/src/x.ts", "element.setHTMLUnsafe(text)"],
    ["server/src/pages/views/x.ts", 'html`<iframe sandbox="" srcdoc="${text}"></iframe>`'],
    ["dashboard/src/x.tsx", "window.open(node.cachedResultUrl)"],
  ])(
    "CVE-2026-65592, CVE-2026-65597, CVE-2026-26023: finds in %s what makes HTML or a window from text: %s",
    (path, text) => {
      expect(problemsOf(path, text)).toEqual(["pages and the widget never make HTML or windows from text"]);
    },
  );

  it.each([
    ["widget/src/x.tsx", "<iframe src={url} />"],
    ["widget/src/x.ts", 'const frame = document.createElement("iframe");\nframe.src = url;'],
    ["widget/src/x.ts", 'h("iframe", { src: url })'],
    ["server/src/pages/views/x.ts", 'html`<iframe title="sandbox" src="/a"></iframe>`'],
    ["dashboard/src/x.tsx", "<iframe\n  src={url}\n/>"],
  ])("CVE-2026-65592, CVE-2026-65597: finds in %s a frame without a sandbox: %s", (path, text) => {
    expect(problemsOf(path, text)).toEqual(["a frame has a sandbox from the start"]);
  });

  it.each([
    ["widget/src/x.tsx", '<iframe sandbox="allow-scripts" src={url} />'],
    [
      "widget/src/x.ts",
      'const frame = document.createElement("iframe");\nframe.setAttribute("sandbox", "allow-scripts");',
    ],
    ["widget/src/x.ts", 'const frame = document.createElement("iframe");\nframe.sandbox.add("allow-scripts");'],
    ["widget/src/x.ts", "dialog.open = true; window.openPanel();"],
    ["widget/src/x.test.ts", "expect(element.innerHTML)"],
  ])("has nothing against %s: %s", (path, text) => {
    expect(problemsOf(path, text)).toEqual([]);
  });

  it("lets the package that writes text for browsers import nothing, and the widget nothing of the server", () => {
    expect(problemsOf("richtext/src/x.ts", 'import { a } from "../../server/src/config.ts";')).toEqual([
      "imports go one way",
    ]);
    expect(problemsOf("widget/src/x.tsx", 'import { a } from "../../server/src/config.ts";')).toEqual([
      "imports go one way",
    ]);
  });

  it("has nothing against a lower tier's index", () => {
    expect(problemsOf("server/src/domains/bots/x.ts", 'import { a } from "../channels/index.ts";')).toEqual([]);
  });
});

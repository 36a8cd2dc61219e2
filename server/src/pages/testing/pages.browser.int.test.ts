// Every page in a real browser, with its real headers: accessible, quiet under its policy, whole at both widths, and of
// use without script. Needs Chromium; says so and skips where there is none.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "./chromium.ts";
import { type Preview, sampleCsrf, startPreview } from "./preview-server.ts";
import { samplePages } from "./sample-pages.ts";
import { hostileNames, ordinaryNames } from "./sample-people.ts";

if (chromiumPath === undefined) {
  process.stderr.write("The pages are not tried in a browser: Chromium is not installed on this machine.\n");
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const names = Object.keys(samplePages);
const hostile = names.filter((name) => {
  const base = { nonce: "x", csrf: "x" };
  return String(samplePages[name]?.(base, ordinaryNames)) !== String(samplePages[name]?.(base, hostileNames));
});
const addresses = [...names, ...hostile.map((name) => `hostile/${name}`)];

describe.skipIf(chromiumPath === undefined)("the pages in a browser", { timeout: 180_000 }, () => {
  let browser: Browser;
  let preview: Preview;

  beforeAll(async () => {
    preview = await startPreview();
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await preview?.close();
  });

  async function withPage<T>(
    options: Parameters<Browser["newContext"]>[0],
    use: (page: Page, context: BrowserContext) => Promise<T>,
  ): Promise<T> {
    const context = await browser.newContext(options);
    try {
      return await use(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  const open = (page: Page, name: string) => page.goto(`${preview.origin}/${name}`);

  it("refuses nothing of its own under its policy, and runs nothing of anybody's", async () => {
    const complaints: string[] = [];
    await withPage({}, async (page) => {
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.addInitScript(
        'window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective))',
      );
      for (const address of addresses) {
        await open(page, address);
        expect(await page.evaluate("refused"), address).toEqual([]);
        expect(await page.evaluate('"hostile" in window'), address).toBe(false);
      }
    });
    expect(complaints).toEqual([]);
  });

  it("notices when something is refused: the counting works", async () => {
    await withPage({}, async (page) => {
      await open(page, "sign-in");
      const refused = page.evaluate(
        'new Promise((done) => addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective)))',
      );
      await page.evaluate(
        'document.body.append(Object.assign(document.createElement("style"), { textContent: "a{}" }))',
      );
      expect(await refused).toBe("style-src-elem");
    });
  });

  it.each([
    [
      "390 px, light, hostile names too",
      addresses,
      { viewport: { width: 390, height: 844 }, colorScheme: "light" as const },
    ],
    ["1440 px, dark", names, { viewport: { width: 1440, height: 900 }, colorScheme: "dark" as const }],
  ])("has nothing that axe finds, and nothing that sticks out sideways: %s", async (_, opened, options) => {
    await withPage({ ...options, bypassCSP: true, reducedMotion: "reduce" }, async (page) => {
      for (const address of opened) {
        await open(page, address);
        await page.evaluate(axeSource);
        const found = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map((v) => v.id + " " + v.nodes.map((n) => n.html + n.failureSummary).join("|")))',
        );
        expect(found, address).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address).toBe(true);
      }
    });
  });

  it("signs in without script, and hides what only script can do", async () => {
    await withPage({ javaScriptEnabled: false }, async (page) => {
      await open(page, "sign-in");
      expect(await page.getByRole("button", { name: "Show password" }).isVisible()).toBe(false);
      expect(await page.getByRole("button", { name: "Sign in with a passkey" }).isVisible()).toBe(false);
      expect(await page.getByText("Passkeys need a recent browser").isVisible()).toBe(true);
      await page.getByLabel("E-mail").fill("grace@northwind.example");
      await page.getByLabel("Password").fill("correct horse battery");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.waitForURL("**/sign-in");
    });
    expect(preview.posts.at(-1)).toMatchObject({
      path: "/sign-in",
      fields: { csrf: sampleCsrf, email: "grace@northwind.example", password: "correct horse battery" },
    });
  });

  it("posts with Fetch Metadata of its own origin, and with no origin that a check could mistake", async () => {
    await withPage({}, async (page) => {
      await open(page, "reset");
      await page.getByLabel("E-mail").fill("grace@northwind.example");
      await page.getByRole("button", { name: "Send the link" }).click();
      await page.getByRole("heading", { name: "You are signed out" }).waitFor();
    });
    const { headers } = preview.posts.at(-1) ?? {};
    expect(headers?.["sec-fetch-site"]).toBe("same-origin");
    expect(headers?.origin).toBe("null");
    expect(headers?.referer).toBeUndefined();
  });

  it("makes a passkey and signs in with it, through the form alone", async () => {
    await withPage({}, async (page, context) => {
      const devTools = await context.newCDPSession(page);
      await devTools.send("WebAuthn.enable");
      await devTools.send("WebAuthn.addVirtualAuthenticator", {
        options: {
          protocol: "ctap2",
          transport: "internal",
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      });
      await open(page, "passkeys");
      await page.getByLabel("Name for the passkey").fill("Test key");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByRole("heading", { name: "You are signed out" }).waitFor();
      const made = preview.posts.at(-1);
      expect(made).toMatchObject({ path: "/account/passkeys", fields: { csrf: sampleCsrf, name: "Test key" } });
      const credential = JSON.parse(made?.fields.credential ?? "") as { id: string; response: object };
      expect(Object.keys(credential.response)).toContain("attestationObject");

      await open(page, "sign-in-factor");
      await page.getByRole("button", { name: "Use your passkey" }).click();
      await page.getByRole("heading", { name: "You are signed out" }).waitFor();
      const used = preview.posts.at(-1);
      expect(used).toMatchObject({ path: "/sign-in/factor", fields: { method: "passkey", returnTo: "/account" } });
      const assertion = JSON.parse(used?.fields.credential ?? "") as { id: string; response: object };
      expect(assertion.id).toBe(credential.id);
      expect(Object.keys(assertion.response)).toContain("signature");
    });
  });

  it("says so when the passkey prompt is closed, sends nothing, and lets the person try again", async () => {
    await withPage({}, async (page) => {
      await page.addInitScript(
        'CredentialsContainer.prototype.get = () => Promise.reject(new DOMException("", "NotAllowedError"))',
      );
      await open(page, "sign-in-factor");
      const before = preview.posts.length;
      const passkey = page.getByRole("button", { name: "Use your passkey" });
      await passkey.click();
      await page.getByText("Nothing was sent.").waitFor();
      expect(preview.posts).toHaveLength(before);
      expect(await passkey.isEnabled()).toBe(true);
    });
  });

  it("shows the other ways in a browser without passkeys", async () => {
    await withPage({}, async (page) => {
      await page.addInitScript("delete window.PublicKeyCredential");
      await open(page, "sign-in");
      await page.getByText("Passkeys need a recent browser").waitFor();
      expect(await page.getByRole("button", { name: "Sign in with a passkey" }).isVisible()).toBe(false);
      expect(await page.getByRole("button", { name: "Sign in", exact: true }).isVisible()).toBe(true);
    });
  });

  it("puts the focus on what it has to say, and leads from there to the field", async () => {
    await withPage({}, async (page) => {
      await open(page, "set-up-mistakes");
      await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("notice");
      await page.getByRole("link", { name: "This is not the code that the server printed." }).click();
      await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("field-setupCode");
    });
  });

  it("shows a password on demand, hides it before it is sent, and takes a pasted one", async () => {
    await withPage({}, async (page) => {
      await open(page, "reset-form");
      const password = page.getByRole("textbox", { name: "New password" }).or(page.locator("#field-newPassword"));
      await page.evaluate('document.querySelector("#field-newPassword").focus()');
      await page.keyboard.insertText("a pasted pass phrase");
      await page.getByRole("button", { name: "Show new password" }).click();
      expect(await password.getAttribute("type")).toBe("text");
      expect(await password.inputValue()).toBe("a pasted pass phrase");
      await page.getByRole("button", { name: "Hide new password" }).click();
      expect(await password.getAttribute("type")).toBe("password");
    });
  });

  it("can be read in forced colours and printed without its frame", async () => {
    await withPage({ forcedColors: "active" }, async (page) => {
      await open(page, "recovery-codes-shown");
      const border = 'getComputedStyle(document.querySelector(".block")).borderTopStyle';
      expect(await page.evaluate(border)).toBe("solid");
      await page.emulateMedia({ media: "print" });
      expect(await page.getByRole("button", { name: "Sign out" }).isVisible()).toBe(false);
      expect(await page.getByText("0k7qf-x2m9p-4wvtd-h8rzn").isVisible()).toBe(true);
    });
  });
});

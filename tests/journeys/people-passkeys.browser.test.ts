// Passkeys from the first run on, in a real browser with a virtual authenticator, on the real server: added, used as a
// second factor, alone and to confirm, listed and removed.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SoftwareAuthenticator } from "../../server/src/domains/identity/factors/testing/software-authenticator.ts";
import {
  callInPage,
  findAxeViolations,
  findChromium,
  listenForComplaints,
  owner,
  readCsrf,
  setUpByPage,
  signInByPage,
  startBrowser,
} from "../support/people-browser.ts";
import { createDevice, type Device, getUnverified } from "../support/people-device.ts";
import { misbehaviours, readOptions, register, sendSignIn, signIn } from "../support/people-passkey-api.ts";
import { type PeopleServer, startPeopleServer } from "../support/people-server.ts";

/** A browser without suggestions in fields, where the address says so: nothing is answered before the button is pressed. */
const offersNothingByItself =
  'if (location.hash === "#by-button") PublicKeyCredential.isConditionalMediationAvailable = async () => false';

const isWithBrowser = findChromium("Passkeys are") !== undefined;

describe.skipIf(!isWithBrowser)("passkeys in a browser, on the real server", { timeout: 60_000 }, () => {
  let server: PeopleServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let key: Device;
  let phone: Device;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startPeopleServer({ isEmbedded: true }), startBrowser()]);
    context = await browser.newContext();
    complaints = listenForComplaints(context);
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    await page.addInitScript(offersNothingByItself);
    key = await createDevice(page);
    phone = await createDevice(page, { isBackedUp: true });
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const path = () => new URL(page.url()).pathname;
  const open = (to: string) => page.goto(`${server.origin}${to}`);
  const atHeading = (name: string) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();

  async function signOut(): Promise<void> {
    await open("/account");
    await page.getByRole("button", { name: "Sign out" }).click();
    await atHeading("You are signed out");
  }

  async function addPasskey(name: string): Promise<void> {
    await open("/account/passkeys");
    await page.getByLabel("Name for the passkey").fill(name);
    await page.getByRole("button", { name: "Add a passkey" }).click();
  }

  it("the set-up page makes the first owner with the code that the server printed, and only once", async () => {
    await open("/");
    expect(path()).toBe("/set-up");
    await setUpByPage(page, server.origin, "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
    await page.getByText("The set-up code is wrong or was used.").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("notice");
    await setUpByPage(page, server.origin, server.setupCode.toLowerCase());
    await atHeading("Parley is ready");
    await page.getByRole("link", { name: "Go to your account" }).click();
    await atHeading("Your account");
    expect((await open("/set-up"))?.status()).toBe(404);
    await atHeading("Parley is set up");
  });

  it("a passkey is added as the second factor, and recovery codes come next", async () => {
    await key.plugIn();
    await addPasskey("Blue key");
    await atHeading("Recovery codes");
    await page.getByRole("button", { name: "Get recovery codes" }).click();
    await atHeading("Keep these codes");
    expect(await page.locator(".codes > li").count()).toBe(10);
    await server.waitForLetter(owner.email, "passkey");
  });

  it("a device that has a passkey of this account makes no second one, and the page says so", async () => {
    await addPasskey("Twice");
    await page.getByText("This device already has a passkey for your account.").waitFor();
    expect(await server.query("select passkey_id from passkeys")).toHaveLength(1);
    await key.unplug();
  });

  it("a second passkey has its own name, and each tells where it is kept", async () => {
    await phone.plugIn();
    await addPasskey("Phone");
    await page
      .getByRole("heading", { level: 2, name: "Phone" })
      .or(page.getByText("2", { exact: true }))
      .first()
      .waitFor();
    await phone.unplug();
    await open("/account/passkeys");
    const rows = page.locator("ul.rows > li.row");
    expect(await rows.count()).toBe(2);
    expect(await rows.nth(0).innerText()).toMatch(
      /Blue key[^]*Not used yet[^]*On one device only, cannot be backed up/,
    );
    expect(await rows.nth(1).innerText()).toMatch(/Phone[^]*Not used yet[^]*Backed up, works on your devices/);
    expect(await findAxeViolations(page)).toEqual([]);
  });

  it("a passkey is the second step behind the password, by keyboard alone", async () => {
    await signOut();
    await open("/sign-in");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("field-email");
    await page.keyboard.type(owner.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(owner.password);
    expect(await page.getByLabel("E-mail").inputValue()).toBe(owner.email);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Show password");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await atHeading("Show that it is you");
    expect(await findAxeViolations(page)).toEqual([]);
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("__Host-parley");
    await key.plugIn();
    await page.getByRole("button", { name: "Use your passkey" }).focus();
    await page.keyboard.press("Enter");
    await atHeading("Your account");
    await key.unplug();
  });

  it("a passkey signs in alone, by its button", async () => {
    await signOut();
    await phone.plugIn();
    await open("/sign-in?returnTo=%2Faccount%2Fpasskeys#by-button");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await atHeading("Passkeys");
    const rows = page.locator("ul.rows > li.row");
    expect(await rows.nth(0).innerText()).toMatch(/Blue key[^]*Just now/);
    expect(await rows.nth(1).innerText()).toMatch(/Phone[^]*Just now/);
  });

  it("a passkey signs in from the suggestions of the e-mail field", async () => {
    await signOut();
    await open("/sign-in");
    await atHeading("Your account");
    expect(path()).toBe("/account");
    await phone.unplug();
  });

  const makeStale = () => server.query("update sessions set stepped_up_at = now() - interval '11 minutes'");

  async function removePhone(): Promise<void> {
    await page.locator("summary", { hasText: "Remove" }).nth(1).click();
    await page.getByRole("button", { name: "Remove this passkey Phone" }).click();
  }

  it("removing a passkey asks for one first, shown just now, and goes on where it was asked", async () => {
    await open("/account/passkeys");
    await makeStale();
    await removePhone();
    await atHeading("Confirm that it is you");
    expect(await findAxeViolations(page)).toEqual([]);
    await key.plugIn();
    await page.getByRole("button", { name: "Confirm with a passkey" }).click();
    await atHeading("Passkeys");
    expect(await page.locator("ul.rows > li.row").count()).toBe(2);
    await removePhone();
    await page.getByText("Add a second one").waitFor();
    expect(await page.locator("ul.rows > li.row").count()).toBe(1);
    await server.waitForLetter(owner.email, "passkey", 3);
  });

  it("adding a passkey asks for one too, when the last is more than ten minutes ago", async () => {
    await makeStale();
    await open("/account/passkeys");
    await atHeading("Confirm that it is you");
    await page.getByRole("button", { name: "Confirm with a passkey" }).click();
    await atHeading("Passkeys");
    expect(path()).toBe("/account/passkeys");
  });

  describe("over the API, in the page", () => {
    let api: Page;
    let device: SoftwareAuthenticator;
    let userHandle: string;
    const isSignedIn = async () => (await api.context().cookies()).some(({ name }) => name === "__Host-parley");
    const countSessions = async () => (await server.query("select session_id from sessions")).length;

    beforeAll(async () => {
      const inside = await browser.newContext({ bypassCSP: true });
      await inside.addCookies(await context.cookies());
      api = await inside.newPage();
      await api.goto(`${server.origin}/account`);
      device = new SoftwareAuthenticator({ rpId: "localhost", origin: server.origin });
    });

    it("the pages' own policy lets no script call anything", async () => {
      const strict = await (await browser.newContext()).newPage();
      await strict.goto(`${server.origin}/sign-in`);
      await expect(callInPage(strict, { method: "GET", path: "/api/v1/account" })).rejects.toThrow("Failed to fetch");
      await strict.context().close();
    });

    it.each(misbehaviours)("SECURITY: %s adds no passkey", async (_what, wrong) => {
      const { status, body } = await register(api, device, wrong);
      expect(body["code"]).toMatch(/^identity\.(passkey_unusable|challenge_refused)$/);
      expect([400, 401]).toContain(status);
    });

    it("SECURITY: an answer adds one passkey, and none when it is replayed", async () => {
      const registered = await register(api, device);
      expect(registered.status).toBe(201);
      ({ userHandle } = registered);
      expect(await registered.again()).toMatchObject({ status: 401, body: { code: "identity.challenge_refused" } });
      await context.clearCookies();
      await context.addCookies(await api.context().cookies());
      await api.context().clearCookies();
    });

    it.each(misbehaviours)("SECURITY: %s signs nobody in", async (_what, wrong) => {
      const before = await countSessions();
      const { status, body } = await signIn(api, device, { userHandle, ...wrong });
      expect(status).toBe(401);
      expect(body["code"]).toMatch(/^identity\.(factor_refused|challenge_refused)$/);
      expect([await isSignedIn(), await countSessions()]).toEqual([false, before]);
    });

    it("SECURITY: an answer signs in once, and not when it is replayed; nor does one to another prompt", async () => {
      const options = await readOptions(api, "/api/v1/sign-in/passkey/options");
      const answer = device.signIn(options, { userHandle });
      expect((await sendSignIn(api, answer)).status).toBe(200);
      expect(await isSignedIn()).toBe(true);
      const stepUp = await readOptions(api, "/api/v1/account/step-up/options", await readCsrf(api));
      await api.context().clearCookies();
      const refused = { status: 401, body: { code: "identity.challenge_refused" } };
      expect(await sendSignIn(api, answer)).toMatchObject(refused);
      expect(await sendSignIn(api, device.signIn(stepUp, { userHandle }))).toMatchObject(refused);
      expect(await isSignedIn()).toBe(false);
    });

    it("SECURITY: a counter that stands still or goes back is taken for a copy of the device", async () => {
      expect((await signIn(api, device, { userHandle, counter: 100 })).status).toBe(200);
      await api.context().clearCookies();
      for (const counter of [100, 99, 0]) {
        const answer = await signIn(api, device, { userHandle, counter });
        expect(answer).toMatchObject({ status: 401, body: { code: "identity.passkey_copied" } });
      }
      expect(await isSignedIn()).toBe(false);
    });

    it("SECURITY: the browser's own device without verification signs nobody in, whatever a page asked it for", async () => {
      await key.setVerified(false);
      const { challenge } = await readOptions(api, "/api/v1/sign-in/passkey/options");
      const answer = await getUnverified(page, challenge);
      await key.setVerified(true);
      expect(Buffer.from(answer.authenticatorData, "base64url")[32]).toBe(1);
      expect(await sendSignIn(api, answer)).toMatchObject({ status: 401, body: { code: "identity.factor_refused" } });
      expect(await isSignedIn()).toBe(false);
    });
  });

  it("a device whose counter went back is refused as a copy, and its owner is told what to do", async () => {
    await key.unplug();
    key.turnCounterBack();
    await signOut();
    await signInByPage(page, server.origin);
    await key.plugIn();
    await page.getByRole("button", { name: "Use your passkey" }).click();
    await page.locator("#notice").waitFor();
    expect(path()).toBe("/sign-in/factor");
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("__Host-parley");
    await key.unplug();
  });

  it("nothing of this left a complaint of the browser", () => {
    expect(complaints).toEqual([]);
  });
});

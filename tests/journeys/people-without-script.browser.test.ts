// Every page of sign-in in a browser that runs no script, on the real server over TLS, from the first set-up to an
// organisation that asks for a second factor. What was answered on the way is judged at the end: headers, accessibility,
// policy, console.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findChromium,
  listenForComplaints,
  type Owner,
  owner,
  setUpByPage,
  signInByPage,
  startBrowser,
} from "../support/people-browser.ts";
import { findLink, type PeopleServer, startPeopleServer } from "../support/people-server.ts";
import { createStateBook, judgeHeaders, listDistinct, showAgain } from "../support/people-states.ts";
import { toCode } from "../support/people-totp.ts";
import { runCommand } from "../support/server.ts";

const isWithBrowser = findChromium("Pages without script are") !== undefined;
const guest: Owner = { email: "lin@partner.example", password: "copper kettles under the north stairs" };
const later = "eleven paper boats on a slow canal";

describe.skipIf(!isWithBrowser)("the pages without script, on the real server", { timeout: 60_000 }, () => {
  const book = createStateBook();
  const complaints: string[] = [];
  let server: PeopleServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let secret = "";
  let codes: string[] = [];
  let visitor: Page;

  async function newPage(): Promise<Page> {
    const opened = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true });
    opened.setDefaultTimeout(15_000);
    book.watch(opened);
    opened.on("close", () => complaints.push(...heard));
    const heard = listenForComplaints(opened);
    return opened.newPage();
  }

  beforeAll(async () => {
    [server, browser] = await Promise.all([startPeopleServer({ isTls: true }), startBrowser()]);
    page = await newPage();
    visitor = await newPage();
    context = page.context();
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** What was answered is kept before the next page comes. */
  async function leave(act: () => Promise<void>): Promise<void> {
    await book.read();
    await act();
  }

  async function open(to: string, at = page): Promise<number | undefined> {
    await book.read();
    return (await at.goto(`${server.origin}${to}`))?.status();
  }

  const path = (at = page) => new URL(at.url()).pathname;
  const atHeading = (name: string, at = page) => at.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  const press = (name: string, at = page) => leave(() => at.getByRole("button", { name, exact: true }).click());
  const follow = (name: string, at = page) => leave(() => at.getByRole("link", { name }).first().click());

  async function fill(fields: Readonly<Record<string, string>>, at = page): Promise<void> {
    for (const [name, value] of Object.entries(fields)) await at.locator(`input[name="${name}"]`).first().fill(value);
  }

  /** The page says what is wrong, and that is where a reader stands. */
  async function expectRefusal(words: string | RegExp, at = page): Promise<void> {
    await at.locator("#notice").getByText(words).first().waitFor();
    await expect.poll(() => at.evaluate("document.activeElement.id")).toBe("notice");
    expect(await at.title()).toMatch(/^Mistake: /);
  }

  /** Time for the next code of the app. */
  const goOn = () => server.query("update totp_factors set last_step = last_step - 4");

  async function callApi(
    path: string,
    init: { method?: string; data?: object; organisation?: string; app?: string } = {},
  ) {
    const { method = "GET", data, organisation, app } = init;
    const session = await context.request.get(`${server.origin}/api/v1/account/session`);
    const { csrfToken } = (await session.json()) as { csrfToken: string };
    const headers = {
      ...{ origin: server.origin, "x-parley-csrf": csrfToken },
      ...(organisation === undefined ? {} : { "parley-organisation": organisation }),
      ...(app === undefined ? {} : { "parley-app": app }),
    };
    const answer = await context.request.fetch(`${server.origin}${path}`, { method, headers, data });
    const text = await answer.text();
    return { status: answer.status(), body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  async function findOrganisation(): Promise<string> {
    const { body } = await callApi("/api/v1/account");
    return (body["places"] as { organisationId: string }[])[0]?.organisationId ?? "";
  }

  it("sets up: a wrong code, a weak password and at last the right ones", async () => {
    await open("/");
    await atHeading("Set up Parley");
    await setUpByPage(page, server.origin, "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
    await expectRefusal("The set-up code is wrong or was used.");
    expect(await page.locator('input[name="organisationName"]').inputValue()).toBe("Northwind");
    expect(await page.locator('input[name="password"]').inputValue()).toBe("");
    await fill({ setupCode: server.setupCode, password: "northwind" });
    await press("Set up");
    await expectRefusal(/password/i);
    await fill({ setupCode: server.setupCode, password: owner.password });
    await press("Set up");
    await atHeading("Parley is ready");
    await open("/set-up", visitor);
    await atHeading("Parley is set up", visitor);
    await follow("Go to your account");
    await atHeading("Your account");
  });

  it("signs out and in again, by keyboard alone", async () => {
    await press("Sign out");
    await atHeading("You are signed out");
    await follow("Sign in again");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("field-email");
    await page.keyboard.type(owner.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type("a wrong password, typed");
    await page.keyboard.press("Enter");
    await expectRefusal(/./);
    expect(await page.getByLabel("E-mail").inputValue()).toBe(owner.email);
    await page.locator('input[name="password"]').focus();
    await page.keyboard.type(owner.password);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Sign in");
    await page.keyboard.press("Enter");
    await atHeading("Your account");
  });

  it("changes the password, and says which one was wrong", async () => {
    await follow("Change password");
    await fill({ currentPassword: "not the password at all", newPassword: later });
    await press("Save the password");
    await expectRefusal(/password/i);
    await fill({ currentPassword: owner.password, newPassword: later });
    await press("Save the password");
    await atHeading("Your account");
    expect(path()).toBe("/account");
  });

  it("sets up an authenticator app and gets recovery codes", async () => {
    await follow("Set up app");
    await atHeading("Set up an authenticator app");
    await fill({ code: "000000" });
    await press("Turn on");
    await expectRefusal(/./);
    secret = await page.locator(".secret").innerText();
    await fill({ code: toCode(secret) });
    await press("Turn on");
    await atHeading("Recovery codes");
    await press("Get recovery codes");
    await atHeading("Keep these codes");
    codes = await page.locator(".codes > li").allInnerTexts();
    expect(codes).toHaveLength(10);
    await follow("I have kept them");
    await atHeading("Your account");
  });

  it("signs in with a code of the app, elsewhere, and ends that session here", async () => {
    await signInByPage(visitor, server.origin, { email: owner.email, password: later });
    await atHeading("Show that it is you", visitor);
    await goOn();
    await fill({ code: "000000" }, visitor);
    await press("Go on", visitor);
    await expectRefusal(/./, visitor);
    await fill({ code: toCode(secret) }, visitor);
    await press("Go on", visitor);
    await atHeading("Your account", visitor);
    await open("/account/sessions");
    expect(await page.locator("ul.rows > li.row").count()).toBe(2);
    expect(await page.locator("ul.rows").innerText()).toContain("Password and authenticator app");
    await page.getByRole("button", { name: /^End the session of/ }).click();
    await page.getByText("This one").waitFor();
    expect(await page.locator("ul.rows > li.row").count()).toBe(1);
    await open("/account", visitor);
    await atHeading("Sign in", visitor);
  });

  it("signs in with a recovery code, once", async () => {
    for (const isFirst of [true, false]) {
      await open("/account");
      await press("Sign out");
      await atHeading("You are signed out");
      await signInByPage(page, server.origin, { email: owner.email, password: later });
      await page.locator("summary", { hasText: "Use a recovery code" }).click();
      await fill({ recoveryCode: codes[0] ?? "" });
      await press("Use this code");
      if (isFirst) await atHeading("Your account");
    }
    await expectRefusal(/./);
    await goOn();
    await fill({ code: toCode(secret) });
    await press("Go on");
    await atHeading("Your account");
    await page.getByText("9 left").waitFor();
    expect(path()).toBe("/account");
  });

  it("confirms who one is with a code, and goes on where that was asked for", async () => {
    await server.query("update sessions set stepped_up_at = null");
    await goOn();
    await open("/account/recovery-codes");
    await press("Replace all codes");
    await atHeading("Confirm that it is you");
    await fill({ code: "000000" });
    await press("Confirm");
    await expectRefusal(/./);
    await fill({ code: toCode(secret) });
    await press("Confirm");
    await atHeading("Recovery codes");
    await press("Replace all codes");
    await atHeading("Keep these codes");
    expect(await page.locator(".codes > li").allInnerTexts()).not.toEqual(codes);
  });

  it("accepts an invitation as somebody without an account, by the link that `parley mail` shows", async () => {
    const grants = [{ role: "admin" }];
    const data = { email: guest.email, grants };
    const invitation = { method: "POST", data, organisation: await findOrganisation() };
    expect((await callApi("/api/v1/invitations", invitation)).status).toBe(201);
    const { id } = await server.waitForLetter(guest.email, "Invitation");
    const shown = await runCommand(["mail", "--json", "--id", id], server.settings);
    const link = findLink(JSON.parse(shown.stdout));
    await open(link);
    await page.getByText("Sign out first").waitFor();
    await open(link, visitor);
    await atHeading("Join Northwind", visitor);
    await fill({ name: "Lin", password: "short" }, visitor);
    await press("Accept and create your account", visitor);
    await expectRefusal(/password/i, visitor);
    await fill({ name: "Lin", password: guest.password }, visitor);
    await press("Accept and create your account", visitor);
    await atHeading("Your account", visitor);
    expect(await open(link, visitor)).toBe(404);
    await atHeading("This invitation cannot be used", visitor);
  });

  it("resets a forgotten password by the mailed link, once", async () => {
    await open("/account", visitor);
    await press("Sign out", visitor);
    await follow("Sign in again", visitor);
    await follow("Forgot your password?", visitor);
    await fill({ email: guest.email }, visitor);
    await press("Send the link", visitor);
    await atHeading("Look into your mail", visitor);
    const link = findLink(await server.waitForLetter(guest.email, "Reset your Parley password"));
    await open(link, visitor);
    await fill({ newPassword: "password" }, visitor);
    await press("Save the password", visitor);
    await expectRefusal(/password/i, visitor);
    await fill({ newPassword: "a patient heron waits in the reeds" }, visitor);
    await press("Save the password", visitor);
    await atHeading("Your password is changed", visitor);
    await open(link, visitor);
    await fill({ newPassword: later }, visitor);
    await press("Save the password", visitor);
    await atHeading("This link does not work any more", visitor);
    await signInByPage(visitor, server.origin, { ...guest, password: "a patient heron waits in the reeds" });
    await atHeading("Your account", visitor);
    expect(path(visitor)).toBe("/account");
  });

  it("changes the e-mail address by the link sent to the other one", async () => {
    const data = { email: "grace@harbour.example" };
    expect((await callApi("/api/v1/account/email", { method: "POST", data })).status).toBe(202);
    const link = findLink(await server.waitForLetter(data.email, "Confirm your mail address"));
    await open(link);
    await press("Use this address");
    await atHeading("Your account");
    await page.getByText(data.email).waitFor();
    await server.waitForLetter(owner.email, "The mail address of your Parley account was changed");
    await open(link);
    await press("Use this address");
    await expectRefusal(/./);
  });

  it("revokes a token and keeps what was about to be deleted, where letters lead to", async () => {
    const organisation = await findOrganisation();
    const { body: made } = await callApi("/api/v1/apps", { method: "POST", data: { name: "Attic" }, organisation });
    const app = String(made["appId"]);
    const token = { kind: "api", name: "Robot", scopes: ["channel:read"] };
    expect((await callApi("/api/v1/tokens", { method: "POST", data: token, app })).status).toBe(201);
    await open(`/tokens?app=${app}`);
    await press("Revoke Robot");
    await page.getByText("Revoked", { exact: true }).waitFor();
    const deletion = { method: "POST", data: { confirmName: "Attic" }, organisation };
    expect((await callApi(`/api/v1/apps/${app}/delete`, deletion)).status).toBe(200);
    await open("/organisation/deletion");
    await press("Keep it Attic");
    await page.getByText("Nothing is about to be deleted").waitFor();
  });

  it("an organisation that asks for a factor lets nobody do anything before they have one", async () => {
    const data = { factorPolicy: "required", factorGraceDays: 0 };
    const organisation = await findOrganisation();
    const policy = { method: "PATCH", data, organisation };
    expect((await callApi("/api/v1/organisation/policy", policy)).status).toBe(200);
    for (const path of ["/account", "/account/passkeys"]) {
      await open(path, visitor);
      await atHeading("Add a second factor", visitor);
      expect(await visitor.locator("nav.places").count()).toBe(0);
    }
    const asked = { headers: { "parley-organisation": organisation } };
    const users = () => visitor.context().request.get(`${server.origin}/api/v1/users`, asked);
    expect([(await users()).status(), (await (await users()).json()).code]).toEqual([
      403,
      "identity.factor_enrolment_required",
    ]);
    await open("/account", visitor);
    await follow("Set up an app", visitor);
    const own = await visitor.locator(".secret").innerText();
    await fill({ code: toCode(own) }, visitor);
    await press("Turn on", visitor);
    await atHeading("Recovery codes", visitor);
    await open("/account", visitor);
    await atHeading("Your account", visitor);
    expect((await users()).status()).toBe(200);
  });

  it("keeps the last factor where an organisation asks for one, and says why", async () => {
    await open("/account/totp", visitor);
    await visitor.locator("summary", { hasText: "Remove" }).click();
    await press("Remove the app", visitor);
    await expectRefusal(/./, visitor);
    expect(path(visitor)).toBe("/account/totp/remove");
  });

  it("offers, declines and takes over an organisation", async () => {
    const organisation = await findOrganisation();
    const { body } = await callApi("/api/v1/users", { organisation });
    const { userId } =
      (body["items"] as { userId: string; email: string }[]).find((user) => user.email === guest.email) ?? {};
    const offer = { method: "PUT", data: { userId }, organisation };
    for (const answer of ["Decline", "Become the owner"]) {
      expect((await callApi("/api/v1/organisation/ownership-offer", offer)).status).toBeLessThan(300);
      await open("/organisation/ownership");
      await page.getByRole("button", { name: "Take the offer back" }).waitFor();
      await open("/organisation/ownership", visitor);
      await press(answer, visitor);
      await visitor.getByText("Nothing is offered").waitFor();
    }
    await open("/account", visitor);
    expect((await callApi("/api/v1/organisation/ownership-offer", offer)).status).toBe(403);
  });

  it("refuses a form whose token is not its own, with a page that says so", async () => {
    await open("/account/password");
    await page.evaluate('document.querySelector("form input[name=newPassword]").form.elements.csrf.value = "forged"');
    await fill({ currentPassword: later, newPassword: "another four words entirely" });
    await press("Save the password");
    await atHeading("You cannot open this");
    expect(await page.locator("code").innerText()).not.toBe("");
  });

  it("every answer has every header, with full points and nothing for the evaluator to find", async () => {
    const states = await book.read();
    expect(states.length).toBeGreaterThan(60);
    for (const state of states) expect(judgeHeaders(state), state.name).toEqual([]);
  });

  it("axe, the policies and the console have nothing against any state of any page, shown with script", async () => {
    const states = listDistinct(await book.read());
    process.stdout.write(`pages: ${states.length} states\n`);
    expect(states.length).toBeGreaterThan(30);
    expect(await showAgain(browser, states)).toEqual([]);
    const [spoilt] = states.map((state) => ({
      ...state,
      body: state.body.replace("<h1", "<img src=x style=top:0><h1"),
    }));
    expect(spoilt === undefined ? [] : (await showAgain(browser, [spoilt])).join()).toMatch(/style-src.*image-alt/);
    await Promise.all([context.close(), visitor.context().close()]);
    expect(complaints).toEqual([]);
  });
});

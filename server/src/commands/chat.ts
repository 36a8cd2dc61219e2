// `parley chat`: talk to the demo's bot at the terminal. Everything goes the real way: what is typed is signed and posted to
// the custom channel, replies come back as signed posts to a local address, and `--trace` reads the developer log.

import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { styleText } from "node:util";
import { readConfig, readProcessEnvironment } from "../config.ts";
import { demoCallbackUrl } from "../demo-callback.ts";
import { AppError, defineErrors } from "../kernel/errors.ts";
import { hmacSha256, isEncodingOf } from "../platform/crypto/hmac.ts";
import { drawBytes } from "../platform/crypto/random.ts";
import type { Invocation } from "./command.ts";
import type { Demo, DemoApp } from "./demo.ts";

const chatErrors = defineErrors({
  noDemo: {
    code: "chat.no_demo",
    status: 500,
    sentence: "There is no demo here. Start one with `npm start -- --demo`.",
  },
  busy: { code: "chat.busy", status: 500, sentence: "Another chat is open on this machine. End it first." },
  unreachable: { code: "chat.unreachable", status: 500, sentence: "The server does not answer. Is it running?" },
});

interface Choice {
  readonly title: string;
  readonly payload?: string;
  readonly url?: string;
}

interface Reply {
  readonly text?: string;
  readonly url?: string;
  readonly caption?: string;
  readonly buttons?: readonly Choice[];
  readonly replies?: readonly Choice[];
}

class Chat {
  readonly #app: DemoApp;
  readonly #baseUrl: string;
  readonly #shows: { readonly trace: boolean; readonly json: boolean };
  readonly #member: string;
  #choices: readonly Choice[] = [];
  #sent = 0;

  constructor(demo: Demo, app: DemoApp, shows: { trace: boolean; json: boolean; member: string }) {
    this.#app = app;
    this.#baseUrl = demo.baseUrl;
    this.#shows = shows;
    this.#member = shows.member;
  }

  /** Sends a line, or the choice with that number. */
  async say(line: string): Promise<void> {
    const chosen = /^\d{1,2}$/.test(line) ? this.#choices[Number(line) - 1] : undefined;
    const said =
      chosen?.payload === undefined
        ? { type: "text", text: line }
        : { type: "payload", payload: chosen.payload, title: chosen.title };
    this.#sent += 1;
    const id = `chat-${drawBytes(8).toString("hex")}-${this.#sent}`;
    const body = JSON.stringify({ events: [{ id, from: { id: this.#member, name: "You" }, ...said }] });
    const { inboundUrl, channelSecret } = this.#app.channels.custom;
    const signature = hmacSha256(channelSecret, body).toString("base64");
    const headers = { "content-type": "application/json", "x-woztell-signature": signature };
    const response = await fetch(inboundUrl, { method: "POST", headers, body }).catch((cause: unknown) => {
      throw new AppError(chatErrors.unreachable, { cause });
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new AppError(chatErrors.unreachable, { detail: `The server refused: ${JSON.stringify(answer)}` });
    const eventId = (answer as { events: { eventId: string }[] }).events[0]?.eventId;
    if (this.#shows.trace && eventId !== undefined) await this.#showTrace(`trc_${eventId.slice(4)}`);
  }

  /** Shows a signed message of the bot; false when the signature does not hold. */
  receive(body: string, signature: string): boolean {
    const { channelSecret } = this.#app.channels.custom;
    if (!isEncodingOf(signature, hmacSha256(channelSecret, body), "base64")) return false;
    const { message, to } = JSON.parse(body) as { message: Reply; to: { id: string } };
    if (to.id === this.#member) this.#show(message);
    return true;
  }

  #show(message: Reply): void {
    if (this.#shows.json) {
      process.stdout.write(`${JSON.stringify({ message })}\n`);
      return;
    }
    this.#choices = message.buttons ?? message.replies ?? [];
    const lines = [message.text ?? message.caption ?? "", message.url === undefined ? "" : `[image] ${message.url}`];
    const choices = this.#choices.map(
      (choice, index) => `  ${index + 1}. ${choice.title}${choice.url ? ` (${choice.url})` : ""}`,
    );
    const text = [...lines.filter((line) => line !== ""), ...choices].join("\n");
    process.stdout.write(`\r${styleText("cyan", "bot")}  ${text}\n`);
  }

  async #showTrace(traceId: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#app.botToken}` };
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const response = await fetch(`${this.#baseUrl}/api/v1/traces/${traceId}`, { headers });
      if (response.ok) {
        const trace: unknown = await response.json();
        const text = this.#shows.json ? JSON.stringify({ trace }) : styleText("dim", JSON.stringify(trace, null, 2));
        process.stdout.write(`${text}\n`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.stdout.write(`${styleText("yellow", "The trace is not there yet.")}\n`);
  }
}

function listen(chat: Chat): Promise<Server> {
  const { hostname, port } = new URL(demoCallbackUrl);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isGenuine = chat.receive(
        Buffer.concat(chunks).toString("utf8"),
        String(request.headers["x-woztell-signature"] ?? ""),
      );
      response.writeHead(isGenuine ? 200 : 401, { "content-type": "application/json" }).end("{}");
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new AppError(chatErrors.busy, { cause })));
    server.listen(Number(port), hostname, () => resolve(server));
  });
}

function readDemo(): Demo {
  const config = readConfig(readProcessEnvironment());
  const path = join(config.PARLEY_DATA_DIR, "demo.json");
  if (!existsSync(path)) throw new AppError(chatErrors.noDemo);
  return JSON.parse(readFileSync(path, "utf8"));
}

async function talk(chat: Chat, invocation: Invocation): Promise<void> {
  const say = invocation.get("say");
  if (say !== undefined) {
    await chat.say(say);
    await new Promise((resolve) => setTimeout(resolve, Number(invocation.get("wait-ms") ?? 2_000)));
    return;
  }
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: "you  ",
    terminal: process.stdin.isTTY,
  });
  // Only a person at a terminal is prompted; and what is piped in has ended long before its last line is said.
  let isPrompted = process.stdin.isTTY && !invocation.isJson;
  lines.once("close", () => {
    isPrompted = false;
  });
  if (isPrompted) process.stdout.write('Write to the demo bot, for example "order 42". Ctrl-D ends.\n');
  if (isPrompted) lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== "") await chat.say(line.trim());
    // The reply usually comes within some milliseconds; the prompt should stand below it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (isPrompted) lines.prompt();
  }
}

/** `parley chat`. */
export async function chat(invocation: Invocation): Promise<void> {
  const demo = readDemo();
  const app = demo.apps[Number(invocation.get("app") ?? 1) - 1];
  if (app === undefined) throw new AppError(chatErrors.noDemo);
  const member = invocation.get("as") ?? `chat-${drawBytes(4).toString("hex")}`;
  const room = new Chat(demo, app, { trace: invocation.has("trace"), json: invocation.isJson, member });
  const server = await listen(room);
  try {
    await talk(room, invocation);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

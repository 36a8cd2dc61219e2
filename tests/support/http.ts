// Asks a server as it is asked on the wire: the path byte for byte, any header, one connection. `fetch` would tidy the path
// and refuse some headers, and everything it does besides would be in the times.

import { Agent, request } from "node:http";

export interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form; not together with `body`. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface Heard {
  readonly status: number;
  /** Names in lower case, in the order they came in. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** From the call to the last byte of the answer. */
  readonly ms: number;
}

/** Asks one server over kept connections. Close it when done. */
export class Asker {
  readonly #origin: URL;
  readonly #agent: Agent;

  constructor(url: string, connectionsMax = 1) {
    this.#origin = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  }

  ask(question: Question): Promise<Heard> {
    const { path, method = "GET", headers = {}, body, form } = question;
    const content = body === undefined ? toForm(form) : { type: "application/json", text: JSON.stringify(body) };
    const described = { "content-type": content?.type ?? "", "content-length": Buffer.byteLength(content?.text ?? "") };
    const { hostname: host, port } = this.#origin;
    const options = { host, port, path, method, agent: this.#agent };
    return new Promise((resolve, reject) => {
      const startMs = performance.now();
      const sent = request({ ...options, headers: { ...(content && described), ...headers } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => {
          const ms = performance.now() - startMs;
          resolve({ status: answer.statusCode ?? 0, headers: toPairs(answer.rawHeaders), text, ms });
        });
      });
      sent.on("error", reject);
      sent.end(content?.text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function toForm(form: Question["form"]): { type: string; text: string } | undefined {
  if (form === undefined) return undefined;
  return { type: "application/x-www-form-urlencoded", text: new URLSearchParams(form).toString() };
}

function toPairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""]] : []));
}

/** A header's value; of several the first. */
export function findHeader({ headers }: Heard, name: string): string | undefined {
  return headers.find(([one]) => one === name)?.[1];
}

/** The value that an answer gives a cookie. */
export function findCookie({ headers }: Heard, name: string): string | undefined {
  const cookies = headers.filter(([one]) => one === "set-cookie").map(([, value]) => value);
  return cookies.map((cookie) => new RegExp(`^${name}=([^;]*)`).exec(cookie)?.[1]).find((value) => value !== undefined);
}

/** An address of a network (a /24) of its own for every index up to 65,535. */
export function toAddress(index: number): string {
  return `10.${(index >> 8) & 255}.${index & 255}.7`;
}

/** The code of a refusal. */
export function readCode({ text }: Heard): unknown {
  return text.startsWith("{") ? (JSON.parse(text) as { code?: unknown }).code : undefined;
}

// A mail server on loopback for tests: small, real, and hostile on request. It can leave out STARTTLS, answer anything to
// a command, say nothing, drip, or drop the connection, and it records what it was told and how protected that was.

import { createServer, type Socket } from "node:net";
import { createSecureContext, createServer as createTlsServer, type SecureContextOptions, TLSSocket } from "node:tls";

export type Verb = "CONNECT" | "EHLO" | "STARTTLS" | "AUTH" | "MAIL" | "RCPT" | "DATA" | "MESSAGE" | "QUIT";

/** Lines to answer, or the words `drop` (the connection), `silent`, or `drip` (a line that never ends). */
export type Answer = string;

export interface SmtpDoubleOptions {
  readonly identity?: SecureContextOptions;
  /** TLS from the start. */
  readonly isImplicitTls?: boolean;
  /** What EHLO announces besides the name; STARTTLS when there is an identity and this is not given. */
  readonly extensions?: readonly string[];
  /** Said in clear text after the answer to STARTTLS, before the handshake. */
  readonly injection?: string;
  readonly host?: string;
  readonly answers?: Partial<Record<Verb, Answer>>;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string;
  readonly isProtected: boolean;
}

export interface SmtpDouble {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Every command line, with `tls ` or `clear ` before it. */
  readonly commands: readonly string[];
  connections(): number;
  close(): Promise<void>;
}

const usual: Readonly<Record<Verb, string>> = {
  CONNECT: "220 double.example ESMTP",
  EHLO: "",
  STARTTLS: "220 go ahead",
  AUTH: "235 2.7.0 welcome",
  MAIL: "250 2.1.0 fine",
  RCPT: "250 2.1.5 fine",
  DATA: "354 go on",
  MESSAGE: "250 2.0.0 taken",
  QUIT: "221 bye",
};

interface Protocol {
  readonly mails: ReceivedMail[];
  readonly commands: string[];
}

class Conversation {
  #socket: Socket;
  #buffer = "";
  #isInData = false;
  #isProtected: boolean;
  #from = "";
  #to: string[] = [];
  readonly #options: SmtpDoubleOptions;
  readonly #record: Protocol;

  constructor(socket: Socket, options: SmtpDoubleOptions, record: Protocol) {
    this.#socket = socket;
    this.#options = options;
    this.#record = record;
    this.#isProtected = options.isImplicitTls === true;
    this.#listen();
    this.#answer("CONNECT");
  }

  #listen(): void {
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.on("data", (chunk: Buffer) => {
      this.#buffer += chunk.toString("latin1");
      this.#read();
    });
  }

  #read(): void {
    for (;;) {
      const end = this.#buffer.indexOf(this.#isInData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const text = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + (this.#isInData ? 5 : 2));
      if (this.#isInData) this.#takeMessage(text);
      else this.#takeCommand(text);
    }
  }

  #takeMessage(text: string): void {
    this.#isInData = false;
    const message = Buffer.from(text.replaceAll("\r\n..", "\r\n."), "latin1").toString("utf8");
    this.#record.mails.push({ from: this.#from, to: this.#to, message, isProtected: this.#isProtected });
    this.#to = [];
    this.#answer("MESSAGE");
  }

  #takeCommand(line: string): void {
    this.#record.commands.push(`${this.#isProtected ? "tls" : "clear"} ${line}`);
    const verb = (/^[A-Z]+/i.exec(line)?.[0] ?? "").toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    if (verb === "MAIL") this.#from = address;
    if (verb === "RCPT") this.#to.push(address);
    if (!(verb in usual)) {
      this.#socket.write("500 what?\r\n");
      return;
    }
    const hasAnswered = this.#answer(verb as Verb);
    if (verb === "STARTTLS" && hasAnswered) this.#upgrade();
    if (verb === "DATA" && hasAnswered) this.#isInData = true;
    if (verb === "QUIT") this.#socket.end();
  }

  /** Whether the answer was the usual one, so that the conversation goes on. */
  #answer(verb: Verb): boolean {
    const given = this.#options.answers?.[verb];
    if (given === "drop") this.#socket.destroy();
    else if (given === "drip") this.#drip();
    else if (given !== "silent") this.#socket.write(`${given ?? this.#usual(verb)}\r\n`);
    return given === undefined;
  }

  #usual(verb: Verb): string {
    if (verb === "STARTTLS")
      return [usual[verb], this.#options.injection].filter((one) => one !== undefined).join("\r\n");
    if (verb !== "EHLO") return usual[verb];
    const offers = this.#options.identity !== undefined && !this.#isProtected ? ["STARTTLS"] : ["AUTH PLAIN"];
    return ["250-double.example", ...(this.#options.extensions ?? offers).map((one) => `250-${one}`), "250 HELP"].join(
      "\r\n",
    );
  }

  #drip(): void {
    const timer = setInterval(() => {
      if (this.#socket.destroyed) clearInterval(timer);
      else this.#socket.write("2");
    }, 20);
    this.#socket.on("close", () => clearInterval(timer));
  }

  #upgrade(): void {
    this.#socket.removeAllListeners("data");
    const secureContext = createSecureContext(this.#options.identity);
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#isProtected = true;
    this.#buffer = "";
    this.#listen();
  }
}

/** Starts the double on a free port of 127.0.0.1, unless `host` says otherwise. */
export async function startSmtpDouble(options: SmtpDoubleOptions = {}): Promise<SmtpDouble> {
  const record: Protocol = { mails: [], commands: [] };
  const sockets = new Set<Socket>();
  let accepted = 0;
  const serve = (socket: Socket): void => {
    new Conversation(socket, options, record);
  };
  const server = options.isImplicitTls === true ? createTlsServer(options.identity ?? {}, serve) : createServer(serve);
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, options.host ?? "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    ...record,
    connections: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

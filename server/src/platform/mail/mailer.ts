// Sends letters to people: over the configured mail server, or into the local outbox when there is none.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Sender } from "./address.ts";
import { composeMessage } from "./compose.ts";
import type { Delivery, DeliveryLimits } from "./deliver.ts";
import { mailErrors } from "./errors.ts";
import { type Letter, parseLetter } from "./letter.ts";
import { keepMail, toOutboxDir } from "./outbox.ts";
import type { SmtpServer } from "./smtp-server.ts";

export interface Mailer {
  /** Whether letters leave this machine, or stay in the outbox for `parley mail`. */
  readonly isLocal: boolean;
  /**
   * Hands one letter over. Throws `mail.address_invalid` and `mail.letter_invalid` for a mistaken letter, `mail.refused`
   * when the server will never take it, `mail.unavailable` when another try makes sense.
   */
  send(letter: Letter): Promise<void>;
  /** Greets the mail server and signs in, without sending. Throws `mail.unavailable`. Does nothing for a local outbox. */
  check(): Promise<void>;
}

export interface MailerOptions {
  /** PARLEY_SMTP_URL; undefined keeps mail in the outbox. */
  readonly server: SmtpServer | undefined;
  /** PARLEY_MAIL_FROM. */
  readonly from: Sender | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly limits?: Partial<DeliveryLimits>;
  /** PEM, trusted besides the usual authorities. */
  readonly trustedCertificates?: readonly string[];
}

const usualLimits: DeliveryLimits = { connectTimeoutMs: 10_000, deadlineMs: 30_000 };
const atOnceMax = 4;
const waitingMax = 500;
const localSender: Sender = { name: "Parley", address: "parley@localhost" };

/** Runs at most `atOnceMax` at a time, so that many letters at once do not look like an attack to the mail server. */
class Gate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax)
        throw new AppError(mailErrors.unavailable, { note: "too many letters wait" });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function createLocalMailer({ from = localSender, dataDir, clock }: MailerOptions): Mailer {
  const folder = toOutboxDir(dataDir);
  const written = from.name === "" ? from.address : `${from.name} <${from.address}>`;
  return {
    isLocal: true,
    async send(letter) {
      await keepMail(folder, parseLetter(letter), { from: written, nowMs: clock.nowMs() });
    },
    async check() {},
  };
}

/** The mailer of the settings. It holds no connection open, so there is nothing to close. */
export function createMailer(options: MailerOptions): Mailer {
  const { server, from = localSender, clock } = options;
  if (server === undefined) return createLocalMailer(options);
  const gate = new Gate();
  const delivery: Delivery = {
    server,
    limits: { ...usualLimits, ...options.limits },
    trustedCertificates: options.trustedCertificates ?? [],
    clientName: from.address.slice(from.address.lastIndexOf("@") + 1),
  };
  return {
    isLocal: false,
    async send(letter) {
      const checked = parseLetter(letter);
      const message = await composeMessage(checked, from, clock.nowMs());
      const { deliver } = await import("./deliver.ts");
      await gate.run(() => deliver(delivery, { from: from.address, to: checked.to, message }));
    },
    check: async () => {
      const { checkServer } = await import("./deliver.ts");
      await checkServer(delivery);
    },
  };
}

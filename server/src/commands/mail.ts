// `parley mail`: reads the letters of a server without a mail server, and tries the mail server where there is one.

import { type Config, readConfig, readProcessEnvironment } from "../config.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError, isError } from "../kernel/errors.ts";
import {
  createMailer,
  getKeptMail,
  type KeptMail,
  listKeptMail,
  mailErrors,
  toOutboxDir,
} from "../platform/mail/index.ts";
import { commandErrors, type Invocation } from "./command.ts";
import { lastMax, usualLast } from "./mail-range.ts";

function readLast(invocation: Invocation): number {
  const written = invocation.get("last") ?? String(usualLast);
  const last = /^\d{1,3}$/.test(written) ? Number(written) : 0;
  if (last >= 1 && last <= lastMax) return last;
  throw new AppError(commandErrors.usage, { detail: `--last must be a whole number from 1 to ${lastMax}` });
}

function listLinks(mail: KeptMail): string[] {
  return [...new Set(mail.text.match(/https?:\/\/\S+/g))];
}

function describeMail(mail: KeptMail): string {
  const head = [`Date:    ${mail.date}`, `From:    ${mail.from}`, `To:      ${mail.to}`, `Subject: ${mail.subject}`];
  const links = listLinks(mail);
  return [...head, "", mail.text.trimEnd(), ...(links.length > 0 ? ["", "Links:", ...links] : [])].join("\n");
}

async function check(config: Config, invocation: Invocation): Promise<void> {
  const { PARLEY_SMTP_URL: server, PARLEY_MAIL_FROM: from, PARLEY_DATA_DIR: dataDir } = config;
  const mailer = createMailer({ server, from, dataDir, clock: systemClock });
  try {
    await mailer.check();
  } catch (error) {
    // The operator may read the reason, which the public sentence leaves out.
    if (!isError(error, mailErrors.unavailable)) throw error;
    throw new AppError(mailErrors.unavailable, { detail: error.message });
  }
  const { isLocal } = mailer;
  const text = isLocal ? `Mail stays in ${toOutboxDir(dataDir)}.` : "The mail server answers and lets us in.";
  invocation.print({ isLocal, isReady: true }, () => text);
}

async function show(config: Config, id: string, invocation: Invocation): Promise<void> {
  const mail = await getKeptMail(toOutboxDir(config.PARLEY_DATA_DIR), id);
  invocation.print({ ...mail, links: listLinks(mail) }, () => describeMail(mail));
}

async function list(config: Config, invocation: Invocation): Promise<void> {
  const mails = await listKeptMail(toOutboxDir(config.PARLEY_DATA_DIR), readLast(invocation));
  invocation.print(mails, () => {
    if (mails.length === 0) return "No mail is kept here.";
    return mails.map((mail) => `${mail.id}  ${mail.date}  ${mail.to}\n    ${mail.subject}`).join("\n");
  });
}

/** `parley mail`. */
export async function readMail(invocation: Invocation): Promise<void> {
  const config = readConfig(readProcessEnvironment());
  const id = invocation.get("id");
  if (invocation.has("check")) return check(config, invocation);
  if (id !== undefined) return show(config, id, invocation);
  return list(config, invocation);
}

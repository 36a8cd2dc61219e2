// What the rest of the server may use to send mail.

export { findMailAddress, findSender, parseMailAddress, type Sender } from "./address.ts";
export { mailErrors } from "./errors.ts";
export type { Letter } from "./letter.ts";
export { createMailer, type Mailer, type MailerOptions } from "./mailer.ts";
export { getKeptMail, type KeptMail, type KeptMailHead, listKeptMail, toOutboxDir } from "./outbox.ts";
export { findSmtpServer, type SmtpServer } from "./smtp-server.ts";

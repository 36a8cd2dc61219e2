export { LetterSender, type LetterSenderOptions, type LetterWriter, queueLetter } from "./letters.ts";

// Letters that wait to be sent, opened: to follow the links in them as their reader would.

import type { PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";

export interface OpenedLetter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** The letters to an address. */
export async function readLetters(stage: PeopleStage, to: string): Promise<OpenedLetter[]> {
  const rows = await stage.db.asAdmin<{ letter_id: string; content: Buffer }>("select letter_id, content from letters");
  const sealer = await stage.installation.sealer();
  const letters = rows.map(({ letter_id: id, content }) => {
    const field = { table: "letters", column: "content", row: id.replaceAll("-", "") };
    return JSON.parse(sealer.open(field, content).toString("utf8")) as OpenedLetter;
  });
  return letters.filter((letter) => letter.to === to);
}

/** The token of the link in the last letter to an address. */
export async function readLinkToken(stage: PeopleStage, to: string): Promise<string> {
  const text = (await readLetters(stage, to)).at(-1)?.text ?? "";
  const token = /(?:[?&]token=|\/invitation\/)([A-Za-z0-9_-]{43})/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no letter to ${to} has a link`);
  return token;
}

// A message in words. What is shown in the chat as a picture, a card or a button stands here between brackets or in a list.

/** A medium of a message, as far as anything is known of it. */
interface Media {
  readonly name?: string | undefined;
}

interface Choice {
  readonly title: string;
}

/** What a message of the chat holds. */
export type TranscriptContent =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "image" | "audio" | "video" | "file";
      readonly media: Media;
      readonly caption?: string | undefined;
    }
  | {
      readonly type: "location";
      readonly latitude: number;
      readonly longitude: number;
      readonly name?: string | undefined;
      readonly address?: string | undefined;
    }
  | { readonly type: "buttons"; readonly text: string; readonly buttons: readonly Choice[] }
  | { readonly type: "quickReplies"; readonly text: string; readonly replies: readonly Choice[] }
  | { readonly type: "list"; readonly text: string; readonly sections: readonly { readonly rows: readonly Choice[] }[] }
  | {
      readonly type: "carousel";
      readonly cards: readonly { readonly title: string; readonly text?: string | undefined }[];
    }
  | { readonly type: "payload"; readonly title: string }
  | { readonly type: "unknown" };

/** What was written, and what else there was to see, line by line. */
export interface Described {
  /** In the Markdown of messages. */
  readonly text: string;
  readonly notes: readonly string[];
}

const mediaWords = { image: "Picture", audio: "Recording", video: "Video", file: "File" } as const;

function bracket(word: string, details: readonly (string | undefined)[]): string {
  const known = details.filter((detail) => detail !== undefined && detail !== "");
  return known.length === 0 ? `[${word}]` : `[${word}: ${known.join(", ")}]`;
}

const toItems = (choices: readonly Choice[]): string[] => choices.map(({ title }) => `- ${title}`);

/** Describes what a message holds. */
export function describeContent(content: TranscriptContent): Described {
  switch (content.type) {
    case "text":
      return { text: content.text, notes: [] };
    case "image":
    case "audio":
    case "video":
    case "file":
      return { text: content.caption ?? "", notes: [bracket(mediaWords[content.type], [content.media.name])] };
    case "location": {
      const { name, address, latitude, longitude } = content;
      return { text: "", notes: [bracket("Place", [name, address, `${latitude} ${longitude}`])] };
    }
    case "buttons":
      return { text: content.text, notes: toItems(content.buttons) };
    case "quickReplies":
      return { text: content.text, notes: toItems(content.replies) };
    case "list":
      return { text: content.text, notes: content.sections.flatMap((section) => toItems(section.rows)) };
    case "carousel":
      return { text: "", notes: content.cards.map(({ title, text }) => bracket("Card", [title, text])) };
    case "payload":
      return { text: "", notes: [content.title] };
    case "unknown":
      return { text: "", notes: ["[Something that cannot be shown here]"] };
  }
}

// The content of one message as bubbles and cards. Whoever wrote it, its text goes through `RichText` or stands as text.

import type { Content, Message, Reply } from "../../client/types.ts";
import { RichText } from "../../text/rich-text.tsx";
import { withoutMarks } from "../plain-text.ts";
import { useUi } from "../ui.ts";
import { Carousel } from "./carousel.tsx";
import { Buttons, List } from "./choices.tsx";
import { MediaView } from "./media.tsx";
import { onDemand } from "./on-demand.tsx";

interface ContentProps {
  readonly message: Message;
}

function Bubble({ text }: { readonly text: string }) {
  return (
    <div class="bubble">
      <RichText text={text} />
    </div>
  );
}

type MediaContent = Extract<Content, { media: unknown }>;

function MediaBubble({ content, message }: ContentProps & { readonly content: MediaContent }) {
  const { phrases } = useUi();
  const { name } = content.media;
  const caption = content.caption === undefined ? undefined : withoutMarks(content.caption);
  const label = (content.type === "image" ? caption : undefined) ?? name ?? phrases[content.type];
  return (
    <>
      <MediaView kind={content.type} media={content.media} messageId={message.messageId} label={label} />
      {content.caption !== undefined && <Bubble text={content.caption} />}
    </>
  );
}

const LinkPreview = onDemand(() => import("./preview.tsx").then((part) => part.LinkPreview));
const Place = onDemand(() => import("./place.tsx").then((part) => part.Place));

function Body({ message }: ContentProps) {
  const { chat, phrases } = useUi();
  const { content, messageId } = message;
  const choose = ({ title, payload }: Reply) =>
    void chat.sendPayload({ title, payload, ...(messageId === undefined ? {} : { messageId }) });
  switch (content.type) {
    case "text":
    case "quickReplies":
      return <Bubble text={content.text} />;
    case "payload":
      return <div class="bubble">{content.title}</div>;
    case "location":
      return <Place place={content} />;
    case "buttons":
      return (
        <div class="offer">
          <Bubble text={content.text} />
          <Buttons buttons={content.buttons} choose={choose} />
        </div>
      );
    case "list":
      return (
        <div class="offer">
          <Bubble text={content.text} />
          <List list={content} choose={choose} />
        </div>
      );
    case "carousel":
      return <Carousel cards={content.cards} messageId={messageId} choose={choose} />;
    case "unknown":
      return <div class="bubble muted">{phrases.unknown}</div>;
    default:
      return <MediaBubble content={content} message={message} />;
  }
}

/** A message with its link preview. */
export function MessageView({ message }: ContentProps) {
  return (
    <>
      <Body message={message} />
      {message.preview !== undefined && <LinkPreview preview={message.preview} messageId={message.messageId} />}
    </>
  );
}

// Cards in a row that snaps: by finger, by the arrow keys on the row, by the two buttons.

import { useRef } from "preact/hooks";
import type { Card } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Buttons, type ChoiceProps } from "./choices.tsx";
import { Picture } from "./media.tsx";
import { IconButton } from "./sheet.tsx";

interface CarouselProps extends ChoiceProps {
  readonly cards: readonly Card[];
  readonly messageId: string | undefined;
}

/** The cards of a message. */
export function Carousel({ cards, messageId, choose }: CarouselProps) {
  const { phrases } = useUi();
  const ref = useRef<HTMLUListElement>(null);
  const move = (cardCount: number) => {
    const row = ref.current;
    const width = row?.firstElementChild?.clientWidth ?? 0;
    const sign = row && getComputedStyle(row).direction === "rtl" ? -1 : 1;
    row?.scrollBy({ left: width * cardCount * sign });
  };
  const walk = (event: KeyboardEvent) => {
    if (event.target !== ref.current || !/^Arrow(Left|Right)$/.test(event.key)) return;
    event.preventDefault();
    const isRight = event.key === "ArrowRight";
    move(isRight === (getComputedStyle(ref.current as Element).direction !== "rtl") ? 1 : -1);
  };
  return (
    <div class="carousel" role="group" aria-label={phrases.carousel}>
      <ul class="cards" ref={ref} tabIndex={0} aria-label={phrases.carousel} onKeyDown={walk}>
        {cards.map((card, index) => (
          <li class="card" key={index}>
            {card.media !== undefined && <Picture media={card.media} messageId={messageId} label={card.title} />}
            <strong>{card.title}</strong>
            {card.text !== undefined && <span>{card.text}</span>}
            <Buttons buttons={card.buttons} choose={choose} />
          </li>
        ))}
      </ul>
      {cards.length > 1 && (
        <div class="carousel-keys">
          <IconButton icon="back" label={phrases.previous} onClick={() => move(-1)} />
          <IconButton icon="forward" label={phrases.next} onClick={() => move(1)} />
        </div>
      )}
    </div>
  );
}

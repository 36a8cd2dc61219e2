// Reads `text/event-stream` from bytes as they come (HTML Standard 9.2.6). Comments count as a sign of life. What the chat
// does not use (`id`, `retry`) is skipped.

export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** An event larger than this is not ours. */
const bufferLengthMax = 1_000_000;

/** Answers a function that takes the next bytes and gives the events they complete. Throws when an event never ends. */
export function createEventParser(): (bytes: Uint8Array) => StreamEvent[] {
  const decoder = new TextDecoder();
  let buffer = "";
  let name = "";
  let data: string[] = [];
  const readLine = (line: string): StreamEvent | undefined => {
    if (line === "") {
      const event = { name: name === "" ? "message" : name, data: data.join("\n") };
      const isEvent = data.length > 0;
      name = "";
      data = [];
      return isEvent ? event : undefined;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data.push(value);
    return undefined;
  };
  return (bytes) => {
    buffer += decoder.decode(bytes, { stream: true });
    const events: StreamEvent[] = [];
    for (;;) {
      // A CR at the very end may be the first half of CR LF: wait for the next bytes.
      const end = /\r\n|\n|\r(?!$)/.exec(buffer);
      if (end === null) break;
      const event = readLine(buffer.slice(0, end.index));
      buffer = buffer.slice(end.index + end[0].length);
      if (event !== undefined) events.push(event);
    }
    if (buffer.length > bufferLengthMax) throw new RangeError("event without end");
    return events;
  };
}

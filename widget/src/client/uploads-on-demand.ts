// Files on their way up, by a part of the script that comes with the first of them: few visitors send one.

import { wait } from "./pause.ts";
import type { Uploads, UploadsOptions } from "./uploads.ts";

/** Before a part of the script that could not be had is asked for again. */
const partMs = 3_000;

/** The uploads of one tab. A file is kept until the part is here, as a message is until it is sent. */
export function createUploadsOnDemand(options: UploadsOptions): Uploads {
  let uploads: Uploads | undefined;
  let isStopped = false;
  const add = async (file: File, text: string | undefined): Promise<void> => {
    for (;;) {
      const loaded = await import("./uploads.ts").catch(() => undefined);
      if (isStopped) return;
      if (loaded !== undefined) {
        uploads ??= loaded.createUploads(options);
        return uploads.add(file, text);
      }
      await wait(options.environment.clock, partMs);
    }
  };
  return {
    add: (file, text) => void add(file, text),
    retry: (key) => uploads?.retry(key) === true,
    dismiss: (key) => uploads?.dismiss(key),
    stop() {
      isStopped = true;
      uploads?.stop();
    },
  };
}

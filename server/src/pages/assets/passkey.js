// The only script of the server's pages. It runs the browser's passkey prompt for forms marked `data-passkey` and sends the
// answer in the form's field `credential`; it shows and hides passwords, copies and prints. Every page works without it,
// but for passkeys. It loads nothing, writes text only as text, and needs no Trusted Types policy.

const autofill = new AbortController();

function toBytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.codePointAt(0));
}

function toBase64url(buffer) {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCodePoint(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const withBytes = (entries) => entries?.map((entry) => ({ ...entry, id: toBytes(entry.id) }));

function readCreationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: withBytes(json.excludeCredentials) ?? [],
  };
}

function readRequestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: toBytes(json.challenge), allowCredentials: withBytes(json.allowCredentials) ?? [] };
}

function toJson(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  const sent = { clientDataJSON: toBase64url(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) sent[name] = toBase64url(response[name]);
  }
  if (response.getTransports) sent.transports = response.getTransports();
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, rawId: toBase64url(rawId), type, authenticatorAttachment, response: sent, clientExtensionResults };
}

function say(form, text) {
  const place = form.querySelector("[data-passkey-status]");
  place.textContent = text;
  place.hidden = text === "";
}

function explain(form, error) {
  if (error.name === "InvalidStateError") return form.dataset.known;
  return error.name === "NotAllowedError" || error.name === "AbortError" ? form.dataset.closed : form.dataset.failed;
}

function send(form, credential) {
  form.elements.credential.value = JSON.stringify(toJson(credential));
  form.submit();
}

async function ask(form) {
  const options = JSON.parse(form.dataset.options);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: readCreationOptions(options) })
    : navigator.credentials.get({ publicKey: readRequestOptions(options) });
}

async function run(form, button) {
  button.disabled = true;
  say(form, "");
  autofill.abort();
  try {
    send(form, await ask(form));
  } catch (error) {
    say(form, explain(form, error));
  } finally {
    button.disabled = false;
  }
}

// Offers passkeys in the suggestions of the e-mail field. Nothing is shown, and nothing said, until one is chosen.
async function offerInField(form) {
  const isOffered = await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (!isOffered) return;
  try {
    const publicKey = readRequestOptions(JSON.parse(form.dataset.options));
    const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: autofill.signal });
    if (credential) send(form, credential);
  } catch {
    // Refused or put aside: the button and the password are still there.
  }
}

const canUsePasskeys = window.isSecureContext && "PublicKeyCredential" in window;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !canUsePasskeys;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(form, event.submitter ?? form.querySelector("button"));
  });
  if (canUsePasskeys && form.dataset.autofill !== undefined) void offerInField(form);
}
for (const text of document.querySelectorAll("[data-passkey-missing]")) {
  text.classList.toggle("without-script", canUsePasskeys);
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.firstElementChild.textContent = isShown ? button.dataset.hide : button.dataset.show;
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A browser that sees plain text would keep it among the words it suggests.
  input.form.addEventListener("submit", () => show(false));
}

async function copy(button) {
  const lines = Array.from(document.querySelectorAll(button.dataset.copy), (element) => element.textContent.trim());
  await navigator.clipboard.writeText(lines.join("\n"));
  button.textContent = button.dataset.done;
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", () => void copy(button));
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => window.print());
}

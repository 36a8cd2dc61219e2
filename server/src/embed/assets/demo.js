// The demo page's own script: opens the chat, sends an example, copies what a reader wants to take along. It loads nothing
// and writes text only as text. The chat may come later than this script; what is pressed before is lost.

const sayMs = 2000;

async function copy(button) {
  const label = button.firstChild;
  const words = label.data;
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    label.data = "Copied";
  } catch {
    label.data = "Select and copy by hand";
  }
  setTimeout(() => {
    label.data = words;
  }, sayMs);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", () => void copy(button));
}

for (const button of document.querySelectorAll("button[data-say]")) {
  button.disabled = false;
  button.addEventListener("click", () => {
    globalThis.Parley?.open();
    globalThis.Parley?.send(button.dataset.say);
  });
}

for (const button of document.querySelectorAll("button[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => globalThis.Parley?.open());
}

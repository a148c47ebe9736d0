/** The element of the page with this id. Throws when it is missing or of another kind. */
export function part<Kind extends Element>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no #${id} of that kind.`);
}

/** A new element with a text. What the server said is only ever put in as text, never as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = '',
  className = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** Sets a text only where it changed: browsers lay out again what is set. */
export function write(to: Element, text: string): void {
  if (to.textContent !== text) to.textContent = text;
}

/** Makes a function that draws at the browser's next frame, once however often it was asked. */
export function painter(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

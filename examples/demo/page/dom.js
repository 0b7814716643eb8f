/** @param {string} id @returns {any} */
export const $ = (id) => document.getElementById(id);

/** Writes a text, unless it is there: who listens hears it once. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Two buttons that take turns, as one begins what the other one ends. Where one has the focus, it goes along.
 *
 * @param {HTMLButtonElement} begin @param {HTMLButtonElement} end
 */
export function turns(begin, end) {
  return (/** @type {boolean} */ isPending) => {
    if (begin.disabled === isPending) return;
    const focused = document.activeElement;
    end.hidden = !isPending;
    begin.disabled = isPending;
    if (isPending && focused === begin) end.focus();
    if (!isPending && focused === end) begin.focus();
  };
}

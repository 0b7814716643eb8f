/** Tabs, as the ARIA practices have them: one of them in the order of focus, arrows between them. */

/** @param {HTMLElement} list @param {(name: string) => void} onOpen */
export function startTabs(list, onOpen) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.children]);
  const panelOf = (/** @type {HTMLElement} */ tab) => document.getElementById(tab.getAttribute("aria-controls") ?? "");
  /** @param {HTMLElement} chosen */
  function open(chosen) {
    for (const tab of tabs) {
      const isOpen = tab === chosen;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
      panelOf(tab)?.toggleAttribute("hidden", !isOpen);
    }
    onOpen(chosen.dataset.name ?? "");
  }
  list.addEventListener("click", ({ target }) => {
    const tab = /** @type {Element} */ (target).closest("[role=tab]");
    if (tab) open(/** @type {HTMLElement} */ (tab));
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[to % tabs.length];
    if (!next) return;
    event.preventDefault();
    next.focus();
    open(next);
  });
}

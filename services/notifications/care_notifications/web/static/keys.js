// Single keys on the list. They do nothing while somebody types, with Ctrl, Alt or Meta, or when the person switched them off.
(() => {
  "use strict";
  const list = document.getElementById("list");
  const keys = document.getElementById("keys");
  if (!list || !keys) return;

  const rows = () => Array.from(document.querySelectorAll("#rows > li.row"));
  const here = () => document.querySelector("#rows > li.is-here") || document.activeElement?.closest?.("#rows > li.row");

  function go(row) {
    if (!row) return;
    document.querySelectorAll("#rows > li.is-here").forEach((other) => other.classList.remove("is-here"));
    row.classList.add("is-here");
    row.querySelector("h2 a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(here());
    go(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  const within = (menu) => menu.querySelector(".panel button.primary, .panel summary, .panel button")?.focus();

  function open(row, key) {
    const target = row?.querySelector(`.row-do > [data-key="${key}"], .row-do > details > summary[data-key="${key}"]`);
    if (!target) return;
    if (target.matches("button")) return target.click();
    const menu = target.parentElement;
    menu.addEventListener("carelead:brought", () => within(menu), { once: true });
    menu.open = true;
    if (menu.dataset.brought) within(menu);
  }

  // Snooze stands in the menu of more: open both.
  function snooze(row) {
    const menu = row?.querySelector(".more-menu");
    if (!menu) return;
    const go = () => {
      const details = menu.querySelector('summary[data-key="s"]')?.parentElement;
      if (!details) return within(menu);
      details.open = true;
      details.querySelector("select").focus();
    };
    menu.addEventListener("carelead:brought", go, { once: true });
    menu.open = true;
    if (menu.dataset.brought) go();
  }

  const deeds = {
    j: () => step(1),
    k: () => step(-1),
    o: () => here()?.querySelector("h2 a").click(),
    p: () => here()?.querySelector(".to-patient")?.click(),
    Enter: () => here()?.querySelector(".why-link")?.click(),
    a: () => open(here(), "a"),
    c: () => open(here(), "c"),
    s: () => snooze(here()),
    m: () => open(here(), "m"),
    u: () => open(here(), "u"),
    x: () => here()?.querySelector(".pick input")?.click(),
    f: () => { document.querySelector("#filters summary").click(); document.querySelector("#filters summary").focus(); },
    "?": () => keys.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || keys.open) return;
    const at = event.target;
    if (at.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    // Enter is the key of what has the focus; on the patient's name it opens why.
    if (event.key === "Enter" && !at.matches("#rows h2 a")) return;
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  document.getElementById("rows")?.addEventListener("focusin", (event) => {
    const row = event.target.closest("li.row");
    if (row && !row.classList.contains("is-here")) {
      document.querySelectorAll("#rows > li.is-here").forEach((other) => other.classList.remove("is-here"));
      row.classList.add("is-here");
    }
  });
})();

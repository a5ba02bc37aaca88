// The page keeps itself current: it hears which alerts changed, fetches its own inner part, and changes only what differs.
// Without this script every page still works; it is then as fresh as its last load.
(() => {
  "use strict";
  const place = document.querySelector("[data-live]");
  const said = document.getElementById("said");
  const state = document.getElementById("live-state");
  const PATIENCE_MS = 6000;
  const CLOCK_MS = 60000;

  function say(sentence) {
    if (!said || !sentence) return;
    const line = document.createElement("p");
    line.textContent = sentence;
    said.append(line);
    setTimeout(() => line.remove(), PATIENCE_MS);
  }

  function setState(name, words) {
    if (!state) return;
    state.dataset.state = name;
    state.textContent = words;
  }

  const busy = (element) => element.contains(document.activeElement) && document.activeElement !== document.body;
  // Resting on a row is no use of it: it may change under the focus, which then rests on its name.
  const resting = () => document.activeElement.matches("h2 a, .row-do > button, .row-do summary");
  const inUse = (row) => row.querySelector("details[open], .row-panel > *") !== null || (busy(row) && !resting());

  // Only what time alone changes: «in 4 h», «overdue 2 h».
  function refreshTimes(old, fresh) {
    const times = fresh.querySelectorAll("time");
    old.querySelectorAll("time").forEach((time, index) => {
      const other = times[index];
      if (!other || other.dataset.key !== time.dataset.key) return;
      time.textContent = other.textContent;
      time.className = other.className;
    });
  }

  // A row somebody works in is left as it is; it is brought up to date once they leave it.
  function patchRows(fresh, mayInsert) {
    const rows = document.getElementById("rows");
    const wanted = Array.from(fresh.querySelectorAll("#rows > li"));
    const ids = new Set(wanted.map((row) => row.id));
    let waiting = 0;
    let gone = 0;
    for (const row of Array.from(rows.children)) {
      if (ids.has(row.id)) continue;
      if (busy(row)) moveFocusFrom(row);
      row.remove();
      gone += 1;
    }
    let before = rows.firstElementChild;
    for (const row of wanted) {
      const old = document.getElementById(row.id);
      if (!old) {
        if (mayInsert) {
          row.classList.add("is-new");
          rows.insertBefore(row, before);
          window.htmx?.process(row);
        }
        waiting += 1;
        continue;
      }
      let now = old;
      if (old.dataset.version !== row.dataset.version && !inUse(old)) {
        const focused = busy(old);
        old.replaceWith(row);
        window.htmx?.process(row);
        if (focused) row.querySelector("h2 a").focus({ preventScroll: true });
        now = row;
      } else {
        refreshTimes(old, row);
      }
      if (now !== before && !busy(now)) rows.insertBefore(now, before);
      before = now.nextElementSibling;
    }
    return { waiting, gone };
  }

  function moveFocusFrom(row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    const target = next?.querySelector("h2 a") || document.getElementById("empty");
    target?.setAttribute("tabindex", target.matches("a") ? "0" : "-1");
    target?.focus({ preventScroll: true });
  }

  function patchList(fresh) {
    const reading = window.scrollY > 200 || busy(document.getElementById("rows"));
    const { waiting, gone } = patchRows(fresh, !reading);
    document.querySelectorAll("[data-count]").forEach((count) => {
      count.textContent = fresh.querySelector(`[data-count="${count.dataset.count}"]`)?.textContent ?? count.textContent;
    });
    document.getElementById("empty").hidden = document.getElementById("rows").children.length > 0;
    for (const old of document.querySelectorAll("#list > .waiting, #list > .banner-bad, #stale")) old.remove();
    document.getElementById("list").prepend(...fresh.querySelectorAll("#list > .waiting, #list > .banner-bad, #stale"));
    const news = document.getElementById("news");
    const words = waiting === 1 ? "1 new alert" : `${waiting} new alerts`;
    if (waiting && reading) {
      document.getElementById("show-news").textContent = `Show ${words}`;
      if (news.hidden) say(words);
      news.hidden = false;
    } else {
      news.hidden = true;
      if (waiting) say(words);
    }
    if (gone) say(gone === 1 ? "1 alert left this list" : `${gone} alerts left this list`);
  }

  function patchStory(fresh) {
    const old = document.getElementById("story");
    const story = fresh.getElementById("story");
    if (old.dataset.version !== story.dataset.version) {
      if (fresh.querySelector(".state-closed") && !document.querySelector(".state-closed")) say("This alert has closed.");
    }
    if (busy(old)) {
      refreshTimes(old, story);
      return;
    }
    const open = Array.from(old.querySelectorAll("details[open]"), (details) => details.id);
    old.replaceWith(story);
    story.querySelectorAll("details").forEach((details) => { details.open = open.includes(details.id); });
    window.htmx?.process(story);
  }

  // Who signs out must not be overtaken: going to the sign-in page from here would cut off the answer that clears
  // this browser. Aborting ends the stream and any look at the server that is under way.
  const leaving = new AbortController();
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/sign-out") leaving.abort();
  });

  // The stream is alive when it says anything; two minutes of silence, or news that waits unread, are said.
  const SILENCE_MS = 120000;
  let heardAt = Date.now();
  function watchSilence() {
    const banner = document.getElementById("stale-here");
    if (!banner) return;
    const silent = Date.now() - heardAt > SILENCE_MS;
    if (silent && banner.hidden) say("This page has not heard from the server for two minutes.");
    banner.hidden = !silent;
  }

  // Whoever was offline, or met a server that was just restarting, must not sit before a page that hears nothing any more:
  // what failed is tried again, after ever longer waits. A browser tries a stream again by itself after some cuts only.
  const FIRST_WAIT_MS = 2000;
  const LONGEST_WAIT_MS = 30000;
  function patiently(work) {
    let wait = FIRST_WAIT_MS;
    let next = 0;
    return {
      later() {
        clearTimeout(next);
        next = setTimeout(work, wait);
        wait = Math.min(2 * wait, LONGEST_WAIT_MS);
      },
      done() {
        clearTimeout(next);
        wait = FIRST_WAIT_MS;
      },
    };
  }
  const fetchAgain = patiently(() => refresh());
  const listenAgain = patiently(() => listen());

  let fetching = false;
  let again = false;
  async function refresh() {
    if (leaving.signal.aborted) return;
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: { "x-carelead-part": "1", "x-carelead-refresh": "1" }, signal: leaving.signal });
      if (answer.status === 401) return location.assign("/sign-in");
      if (!answer.ok) throw new Error("not ready");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (document.getElementById("story")) patchStory(fresh);
      else patchList(fresh);
      heardAt = Date.now();
      watchSilence();
      setState("live", "Live");
      fetchAgain.done();
    } catch {
      if (!leaving.signal.aborted) setState("stale", "Not up to date: reconnecting");
      fetchAgain.later();
    } finally {
      fetching = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  let source = null;
  function listen() {
    if (leaving.signal.aborted) return;
    source?.close();
    const gap = place.dataset.gap;
    const heard = source = new EventSource(`/events/stream?after=${encodeURIComponent(document.querySelector("[data-last-id]").dataset.lastId)}`);
    heard.addEventListener("open", () => {
      listenAgain.done();
      heardAt = Date.now();
      watchSilence();
      setState("live", "Live");
    });
    heard.addEventListener("pulse", () => { heardAt = Date.now(); });
    heard.addEventListener("error", () => {
      if (heard !== source) return;
      setState("stale", "Not up to date: reconnecting");
      if (heard.readyState !== EventSource.CLOSED) return;
      refresh();
      listenAgain.later();
    });
    heard.addEventListener("alerts", (event) => {
      heardAt = Date.now();
      if (!gap || JSON.parse(event.data).gaps.includes(gap)) refresh();
    });
    heard.addEventListener("signed-out", () => location.assign("/sign-in"));
  }

  function keepCurrent() {
    listen();
    setInterval(refresh, CLOCK_MS);
    setInterval(watchSilence, CLOCK_MS / 6);
    window.addEventListener("online", listen);
    leaving.signal.addEventListener("abort", () => source.close());
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  document.addEventListener("click", (event) => {
    if (event.target.id !== "show-news") return;
    event.target.blur();
    window.scrollTo({ top: 0 });
    refresh();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
      return;
    }
    const panel = document.activeElement?.closest("li.row")?.querySelector(".row-panel");
    if (panel?.firstElementChild) closePanel(panel);
  });
  // One open form at a time: two side by side invite logging with the wrong patient.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.menu") || !event.target.open) return;
    document.querySelectorAll("details.menu[open]").forEach((other) => { if (other !== event.target) other.open = false; });
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("details.menu")) return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(document.activeElement)) menu.open = false; });
  });

  // A row brings its forms when they are asked for; whoever opened them by a key goes on with the first button.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("#rows details[data-brings]") || !menu.open || menu.dataset.brought) return;
    menu.dataset.brought = "1";
    const panel = menu.querySelector(".panel");
    const place = new FormData(document.getElementById("act"));
    const values = { from: place.get("from"), back: place.get("back") };  // never the token: this is an address
    // Settled at once: a key pressed in between would send the form without htmx, and lead away from the list.
    const swap = "innerHTML settle:0ms";
    window.htmx?.ajax("GET", menu.dataset.brings, { source: menu, target: panel, swap, values }).then(() => {
      menu.dispatchEvent(new CustomEvent("carelead:brought", { bubbles: true }));
    });
  }, true);

  // «Why?» opens beneath its row, and closes again by the same key or click.
  function closePanel(panel) {
    panel.replaceChildren();
    const link = panel.closest("li.row").querySelector(".why-link");
    link.setAttribute("aria-expanded", "false");
    link.focus({ preventScroll: true });
  }
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target;
    if (!link.matches?.(".why-link")) return;
    const panel = document.getElementById(link.getAttribute("aria-controls"));
    if (panel.firstElementChild) {
      event.preventDefault();
      closePanel(panel);
    } else {
      link.setAttribute("aria-expanded", "true");
    }
  });

  function showPicked() {
    const bar = document.querySelector("[data-picked]");
    if (!bar) return;
    const count = document.querySelectorAll(".pick input:checked").length;
    bar.textContent = count ? `${count} picked` : "With the picked ones";
  }
  document.addEventListener("change", (event) => { if (event.target.closest(".pick")) showPicked(); });
  document.body.addEventListener("carelead:refresh", () => {
    document.querySelectorAll(".pick input:checked").forEach((box) => { box.checked = false; });
    showPicked();
    document.activeElement?.blur();
    refresh();
  });
  setInterval(() => {
    document.querySelectorAll("[data-countdown]").forEach((left) => { left.textContent = Math.max(Number(left.textContent) - 1, 0); });
  }, 1000);

  document.body.addEventListener("carelead:said", (event) => say(event.detail.sentence));
  // Somebody was faster: the answer holds the row as it is now, and why nothing was changed.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 409) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 409) return;
    if (event.detail.xhr.status === 401) location.assign("/sign-in");
    else say("That was not saved. Reload the page and try again.");
  });
  document.body.addEventListener("htmx:sendError", () => say("No connection. That was not saved."));
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.elt.closest?.("li.row");
    if (row && event.detail.elt === row) row.querySelector(".undo button, .row-do summary, h2 a")?.focus({ preventScroll: true });
  });

  if (place && window.EventSource) keepCurrent();
})();

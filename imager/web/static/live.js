// Keeps a page up to date by server-sent events. Only parts whose HTML changed
// are replaced, so that a form in use and a button under a finger stay.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  const lost = document.getElementById("lost");
  const said = document.getElementById("said");

  const parse = (html) => {
    const t = document.createElement("template");
    t.innerHTML = html;
    return t.content.firstElementChild;
  };

  const update = (old, fresh) => {
    if (old.dataset.state !== fresh.dataset.state) {
      said.textContent = `Machine ${fresh.dataset.number}: ${fresh.dataset.state}`;
      old.dataset.state = fresh.dataset.state;
    }
    old.className = fresh.className;
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const name = part.dataset.part;
      const there = old.querySelector(`[data-part="${name}"]`);
      if (there && there.innerHTML !== part.innerHTML) there.innerHTML = part.innerHTML;
    }
  };

  const arrange = (order) => {
    const list = document.getElementById("machines");
    if (!list) return;
    for (const card of [...list.children]) {
      if (!order.includes(card.id)) card.remove();
    }
    order.forEach((id, i) => {
      const card = document.getElementById(id);
      if (card && list.children[i] !== card) list.insertBefore(card, list.children[i] || null);
    });
  };

  const events = new EventSource(live.dataset.events);
  events.onopen = () => { lost.hidden = true; };
  events.onerror = () => {
    lost.hidden = false;
    // A stream that was refused, not broken: the login has ended.
    if (events.readyState === EventSource.CLOSED) location.assign("/login");
  };
  events.onmessage = (e) => {
    const change = JSON.parse(e.data);
    for (const [id, html] of Object.entries(change.parts)) {
      const old = document.getElementById(id);
      const fresh = parse(html);
      if (old) update(old, fresh);
      else document.getElementById("machines")?.append(fresh);
    }
    if (change.order) arrange(change.order);
  };
  // Lets the page leave at once, without the browser showing an error.
  window.addEventListener("pagehide", () => events.close());
})();

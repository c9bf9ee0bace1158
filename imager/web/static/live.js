// Keeps a page up to date by server-sent events. Only the smallest elements that
// differ are replaced, so that a form in use, a button under a finger, an open
// detail and a selected serial stay.
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

  // A form is replaced whole: a tick that was given for one drive must not pass to
  // another. One that came back with what a person typed stays until it is sent.
  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh) || old.dataset?.typed !== undefined) return;
    if (old.nodeName !== fresh.nodeName || old.nodeName === "FORM" || old.childNodes.length !== fresh.childNodes.length) {
      old.replaceWith(fresh);
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    const next = [...fresh.childNodes];
    [...old.childNodes].forEach((child, i) => morph(child, next[i]));
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
      if (there) morph(there, part);
    }
  };

  const arrange = (list, order) => {
    if (!list || !order) return;
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
      else document.getElementById(change.boots?.includes(id) ? "boots" : "machines")?.append(fresh);
    }
    arrange(document.getElementById("boots"), change.boots);
    arrange(document.getElementById("machines"), change.order);
  };
  // Lets the page leave at once, without the browser showing an error.
  window.addEventListener("pagehide", () => events.close());
})();

// Keys for the changes of a post, buttons that copy a citation, the date on
// a printed sheet, filters that are open where there is room, and names of fields.
"use strict";

const KEYS = { j: 'a[rel="next"]', k: 'a[rel="prev"]' };

document.addEventListener("keydown", (event) => {
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.closest("input, select, textarea")
  )
    return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector('input[type="search"]')?.focus();
    return;
  }
  document.querySelector(KEYS[event.key] ?? `a[data-key="${CSS.escape(event.key)}"]`)?.click();
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (window.matchMedia("(min-width: 48.01rem)").matches) {
  for (const details of document.querySelectorAll("details[data-open-wide]")) details.open = true;
}

window.addEventListener("beforeprint", () => {
  const form = { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" };
  const now = new Date().toLocaleString("en-GB", form).replace(" at ", ", ") + " UTC";
  for (const label of document.querySelectorAll("[data-printed]")) {
    label.textContent = label.dataset.printed;
    label.nextElementSibling.textContent = now;
  }
});

// Datasette's own forms name their fields by their place alone; its SQL editor comes with its
// scripts.
const FIELDS = {
  '[name^="_filter_column"]': "Column",
  '[name^="_filter_op"]': "Comparison",
  '[name^="_filter_value"]': "Value",
  '[name="_sort"]': "Sort by",
  ".CodeMirror textarea, .cm-content": "SQL",
};
window.addEventListener("load", () => {
  for (const [selector, name] of Object.entries(FIELDS)) {
    for (const field of document.querySelectorAll(selector)) field.setAttribute("aria-label", name);
  }
});

// What is wider than the text of a post can be reached and moved by keys.
for (const wide of document.querySelectorAll(".body table, .body pre")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
}

// One row alone is read from top to bottom.
for (const table of document.querySelectorAll("body.row .rows-and-columns")) {
  const names = table.tHead?.rows[0].cells;
  if (!names) continue;
  for (const cell of table.tBodies[0].rows[0].cells)
    cell.dataset.column = names[cell.cellIndex].textContent.trim();
  table.classList.add("record");
}

// What is new since the last visit: the newest change of that visit is stored in this browser only.
const status = document.querySelector("[data-newest]");
if (status) {
  const session = sessionStorage.getItem("blogkeep-since");
  const since = session ?? localStorage.getItem("blogkeep-newest") ?? "";
  sessionStorage.setItem("blogkeep-since", since);
  localStorage.setItem("blogkeep-newest", status.dataset.newest);
  if (since) showNew(status, Number(since));
}

async function showNew(status, since) {
  for (const item of document.querySelectorAll("li[data-change]")) {
    if (Number(item.dataset.change) <= since) continue;
    const mark = document.createElement("span");
    mark.className = "new-mark";
    mark.textContent = "new";
    item.querySelector(".what").prepend(mark);
  }
  const answer = await fetch(`${status.dataset.count}?change=${since}`);
  const { count, is_cut: isCut } = await answer.json();
  const changes = count === 1 ? "1 change" : `${count}${isCut ? " or more" : ""} changes`;
  status.textContent = count
    ? `${changes} since your last visit.`
    : "No change since your last visit.";
  status.hidden = false;
}

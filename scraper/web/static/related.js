// The graph of related posts: applies the form's filter, draws with sigma, and fetches the lists
// from the server.
"use strict";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const EDGES = {
  inline: "--plot-1",
  related_list: "--plot-2",
  related_widget: "--plot-3",
  similar: "--plot-5",
  copy: "--plot-5",
};

// Similar texts stay similar when one is removed. No author linked them, so this is no dead link.
const ALIKE = new Set(["similar", "copy"]);
const TINTS = [1, 2, 3, 5, 4, 6].map((number) => `--plot-${number}`);
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

const element = (id) => document.getElementById(id);
const form = element("graph-form");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

// Blends a colour with the background; `share` is how much of it is left.
function fade(hex, background, share) {
  const parts = [1, 3, 5].map((at) =>
    [hex, background].map((value) => parseInt(value.slice(at, at + 2), 16)),
  );
  return `#${parts
    .map(([own, other]) =>
      Math.round(own * share + other * (1 - share))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

function dayOf(time) {
  const [year, month, day] = time.slice(0, 10).split("-").map(Number);
  return `${day} ${MONTHS[month - 1]} ${year}, ${time.slice(11, 19)} UTC`;
}

// Unpacks links to lists of equal length: kinds are sent as runs, sources as differences.
function unpack(sent) {
  const kind = sent.kinds.flatMap(([name, number]) => Array(number).fill(name));
  let source = 0;
  const sources = sent.source.map(
    (more, at) => (source = at && kind[at] === kind[at - 1] ? source + more : more),
  );
  return { ...sent, kind, source: sources };
}

const exists = (sent, at, step) =>
  sent.from[at] <= step && (sent.until[at] < 0 || step < sent.until[at]);

// Applies a filter: flags of posts and links, dead links, and counts. graph_filter.py does the same
// on the server.
function applyFilter(data, criteria) {
  const { posts, links, unresolved } = data;
  const there = posts.id.map((_, at) => exists(posts, at, criteria.step));
  const last = criteria.step === data.steps.length - 1;
  const live = [];
  const broken = [];
  links.kind.forEach((kind, at) => {
    if (!criteria.kinds.has(kind) || !there[links.source[at]] || !exists(links, at, criteria.step))
      return;
    const target = links.target[at];
    if (there[target]) live.push(at);
    if (!ALIKE.has(kind) && (!there[target] || (last && posts.state[target] === "m")))
      broken.push(at);
  });
  const rings =
    criteria.post >= 0 ? neighbourhood(links, live, criteria.post, criteria.reach) : null;
  const shown = there.map((is, at) => is && (!rings || rings.has(at)));
  const seen = live.filter((at) => shown[links.source[at]] && shown[links.target[at]]);
  const pointed = new Set(live.map((at) => links.target[at]));
  return {
    rings,
    shown,
    links: new Set(seen),
    orphan: shown.map((is, at) => is && !pointed.has(at)),
    broken: new Set(broken.filter((at) => shown[links.source[at]])),
    unresolved: new Set(
      [...unresolved.kind.keys()].filter(
        (at) =>
          criteria.kinds.has(unresolved.kind[at]) &&
          shown[unresolved.source[at]] &&
          exists(unresolved, at, criteria.step),
      ),
    ),
    posts: shown.filter(Boolean).length,
  };
}

// Finds the posts within so many links of one, with the number of links to each.
function neighbourhood(links, live, center, reach) {
  const adjacent = new Map();
  const connect = (one, other) => (adjacent.get(one) ?? adjacent.set(one, []).get(one)).push(other);
  for (const at of live) {
    connect(links.source[at], links.target[at]);
    connect(links.target[at], links.source[at]);
  }
  const rings = new Map([[center, 0]]);
  for (let ring = 1; ring <= reach; ring += 1) {
    for (const [post, distance] of [...rings]) {
      if (distance === ring - 1)
        for (const other of adjacent.get(post) ?? []) if (!rings.has(other)) rings.set(other, ring);
    }
  }
  return rings;
}

// Places a post's neighbours in circles around it, ordered by their direction in the full picture.
function circles(posts, rings, center, wide) {
  const places = new Map([[center, [0, 0]]]);
  for (const ring of [1, 2]) {
    const members = [...rings.keys()].filter((at) => rings.get(at) === ring);
    const angle = (at) => Math.atan2(posts.y[at] - posts.y[center], posts.x[at] - posts.x[center]);
    members.sort((one, other) => angle(one) - angle(other));
    members.forEach((at, number) => {
      const turn = (2 * Math.PI * number) / members.length;
      places.set(at, [ring * wide * Math.cos(turn), ring * Math.sin(turn)]);
    });
  }
  return places;
}

class Picture {
  constructor(data) {
    this.data = data;
    this.labels = [];
    this.boxes = [];
    this.readColours();
  }

  readColours() {
    this.textColour = colour("--text");
    this.background = colour("--background");
    this.removedColour = colour("--removed");
    this.tints = TINTS.map(colour);
    this.muted = colour("--plot-6");
    this.edges = Object.fromEntries(
      Object.entries(EDGES).map(([kind, name]) => [kind, colour(name)]),
    );
  }

  // Builds the graph in parts, so that the page stays responsive.
  async build(place) {
    const { posts, links, unresolved } = this.data;
    // Use the full width, so that labels have space.
    this.scale = Math.min(1, 0.4 + place.clientWidth / 1200);
    this.most = place.clientWidth < 600 ? 22 : 34;
    this.wide = Math.min(2, Math.max(0.7, place.clientWidth / place.clientHeight));
    this.graph = new graphology.MultiDirectedGraph();
    posts.id.forEach((_, at) =>
      this.graph.addNode(at, { x: posts.x[at] * this.wide, y: posts.y[at], at }),
    );
    unresolved.targets.forEach((_, at) => {
      const source = unresolved.source[unresolved.target.indexOf(at)] ?? 0;
      const [x, y] = [Math.cos(at * GOLDEN), Math.sin(at * GOLDEN)];
      this.graph.addNode(`unresolved-${at}`, {
        x: posts.x[source] * this.wide + 250 * x,
        y: posts.y[source] + 250 * y,
        unresolved: at,
      });
    });
    for (let at = 0; at < links.kind.length; at += 1) {
      this.graph.addDirectedEdgeWithKey(at, links.source[at], links.target[at], { at });
      if (at % 4000 === 3999) await nextFrame();
    }
    unresolved.kind.forEach((_, at) =>
      this.graph.addDirectedEdgeWithKey(
        `unresolved-${at}`,
        unresolved.source[at],
        `unresolved-${unresolved.target[at]}`,
        { unresolved: at },
      ),
    );
  }

  start(place, criteria, found) {
    this.prepare(criteria, found);
    const few = this.data.posts.id.length < 400;
    this.sigma = new Sigma(this.graph, place, {
      nodeReducer: (_, own) => this.drawNode(own),
      edgeReducer: (_, own) => this.drawEdge(own),
      defaultEdgeType: few ? "arrow" : "line",
      hideEdgesOnMove: !few,
      labelRenderedSizeThreshold: few ? 0 : 5,
      labelDensity: few ? 4 : 1,
      labelGridCellSize: few ? 60 : 120,
      labelFont: getComputedStyle(document.body).fontFamily,
      labelSize: 12,
      minEdgeThickness: few ? 1.8 : 1,
      stagePadding: 50,
      zIndex: true,
      defaultDrawNodeLabel: (context, node, settings) =>
        this.labels.push([context, { ...node }, settings]),
      defaultDrawNodeHover: (context, node, settings) => this.writeHover(context, node, settings),
    });
    this.sigma.on("beforeRender", () => {
      this.labels = [];
    });
    this.sigma.on("afterRender", () => {
      this.writeLabels(few);
      place.dataset.drawn = Number(place.dataset.drawn ?? 0) + 1;
    });
    this.frame();
  }

  show(criteria, found) {
    const moved = this.criteria.post !== criteria.post || this.criteria.reach !== criteria.reach;
    this.prepare(criteria, found);
    this.frame();
    if (moved) this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  prepare(criteria, found) {
    this.criteria = criteria;
    this.found = found;
    this.places = found.rings
      ? circles(this.data.posts, found.rings, criteria.post, this.wide)
      : new Map();
    this.deadTargets = new Set([...found.broken].map((at) => this.data.links.target[at]));
    this.visibleUnresolved = new Set(
      [...found.unresolved].map((at) => this.data.unresolved.target[at]),
    );
  }

  frame() {
    const size = this.criteria.reach + 0.3;
    const { posts } = this.data;
    if (this.found.rings || this.circled) {
      this.graph.updateEachNodeAttributes(
        (_, own) => {
          if (own.at === undefined) return own;
          const [x, y] = this.places.get(own.at) ?? [posts.x[own.at] * this.wide, posts.y[own.at]];
          return { ...own, x, y };
        },
        { attributes: ["x", "y"] },
      );
    }
    this.circled = this.found.rings !== null;
    this.sigma.setCustomBBox(
      this.found.rings ? { x: [-size * this.wide, size * this.wide], y: [-size, size] } : null,
    );
    this.sigma.refresh();
  }

  tintOf(at) {
    const { posts } = this.data;
    const number = this.criteria.colour === "community" ? posts.community[at] - 1 : posts.blog[at];
    return number >= 0 && number < 5 ? number : 5;
  }

  sizeOf(rank) {
    const number = this.found.posts;
    const [least, more] = number < 200 ? [4, 12] : number < 1500 ? [2.5, 9] : [1.5, 7];
    return (least + more * Math.sqrt(rank / 1000)) * this.scale;
  }

  drawNode(own) {
    const { posts, unresolved } = this.data;
    if (own.unresolved !== undefined) {
      const hidden = !this.criteria.dead || !this.visibleUnresolved.has(own.unresolved);
      if (hidden || this.found.rings) return { ...own, hidden: true };
      return {
        ...own,
        size: 3,
        color: this.removedColour,
        label: unresolved.targets[own.unresolved],
        zIndex: 1,
      };
    }
    const isDeadTarget = this.criteria.dead && this.deadTargets.has(own.at) && !this.found.rings;
    if (!this.found.shown[own.at] && !isDeadTarget) return { ...own, hidden: true };
    const gone = isDeadTarget || (this.criteria.dead && posts.state[own.at] === "m");
    const chosen = own.at === this.criteria.post;
    const marked = gone || (this.criteria.orphans && this.found.orphan[own.at]);
    let tint = this.tints[this.tintOf(own.at)];
    if (this.criteria.orphans)
      tint = this.found.orphan[own.at] ? this.textColour : fade(tint, this.background, 0.25);
    if (gone) tint = this.removedColour;
    return {
      ...own,
      size: this.sizeOf(posts.rank[own.at]) + (chosen ? 3 : marked ? 1 : 0),
      color: tint,
      label: posts.title[own.at],
      forceLabel: chosen,
      center: chosen,
      zIndex: chosen || marked ? 2 : 0,
    };
  }

  drawEdge(own) {
    const { links, unresolved } = this.data;
    const share = this.found.links.size < 300 ? 0.7 : this.found.links.size < 3000 ? 0.4 : 0.25;
    const dead =
      own.unresolved !== undefined
        ? this.found.unresolved.has(own.unresolved)
        : this.found.broken.has(own.at);
    if (dead && this.criteria.dead && !this.found.rings)
      return { ...own, color: this.removedColour, size: 1.5, zIndex: 2 };
    if (own.unresolved !== undefined || !this.found.links.has(own.at))
      return { ...own, hidden: true };
    const kind =
      own.unresolved !== undefined ? unresolved.kind[own.unresolved] : links.kind[own.at];
    return {
      ...own,
      color: fade(this.edges[kind] ?? this.muted, this.background, share),
      size: this.found.links.size < 3000 ? 1.8 : 1,
    };
  }

  // The boxes of all visible posts, which no label may cover.
  nodeBoxes() {
    return this.graph.nodes().flatMap((node) => {
      const own = this.sigma.getNodeDisplayData(node);
      if (!own || own.hidden) return [];
      const [{ x, y }, size] = [
        this.sigma.framedGraphToViewport(own),
        this.sigma.scaleSize(own.size),
      ];
      return [[x - size, y - size, x + size, y + size]];
    });
  }

  // Writes the labels, that of the centre first and the largest posts next, for the first ones find
  // a place.
  writeLabels(few) {
    this.boxes = few ? this.nodeBoxes() : [];
    this.labels.sort(
      ([, one], [, other]) => Boolean(other.center) - Boolean(one.center) || other.size - one.size,
    );
    for (const [context, node, settings] of this.labels) this.writeLabel(context, node, settings);
  }

  // Writes a label where it overlaps no other and no post, on a plate; the centre post always has
  // one, a frame and a ring.
  writeLabel(context, node, settings) {
    if (!node.label) return;
    const text =
      node.label.length > this.most && !node.center
        ? `${node.label.slice(0, this.most - 1)}…`
        : node.label;
    context.font = `${settings.labelSize}px ${settings.labelFont}`;
    const width = context.measureText(text).width;
    const place = this.placeLabel(node, width, context.canvas.clientWidth);
    if (!place) return;
    const [left, top] = place;
    // A plate under the text: a line that runs through a label would read as a deletion.
    context.fillStyle = this.background;
    context.fillRect(left - 2, top - 1, width + 4, 16);
    if (node.center) {
      context.strokeStyle = this.textColour;
      context.lineWidth = 2;
      context.strokeRect(left - 3, top - 2, width + 6, 18);
      context.beginPath();
      context.arc(node.x, node.y, node.size + 3, 0, 2 * Math.PI);
      context.stroke();
    }
    context.fillStyle = this.textColour;
    context.fillText(text, left, top + 11);
  }

  // Right of the post, left, below, above or at a corner: the first place that is free. Null if
  // none is.
  placeLabel(node, width, most) {
    const beside = [
      [node.x + node.size + 3, node.y - 7],
      [node.x - node.size - 3 - width, node.y - 7],
    ];
    if (this.found.rings && node.x < most / 2 - 20) beside.reverse();
    const middle = node.x - width / 2;
    const corner = node.size * 0.7 + 2;
    const corners = [corner, -corner - 14].flatMap((down) => [
      [node.x + corner, node.y + down],
      [node.x - corner - width, node.y + down],
    ]);
    const places = [
      ...beside,
      [middle, node.y + node.size + 4],
      [middle, node.y - node.size - 18],
      ...corners,
    ];
    const within = ([left]) => left > 1 && left + width < most;
    const isFree = ([left, top]) =>
      !this.boxes.some(
        (other) =>
          left < other[2] && other[0] < left + width && top < other[3] && other[1] < top + 14,
      );
    const place =
      places.find((each) => within(each) && isFree(each)) ??
      (node.center ? (places.find(within) ?? [2, node.y - 7]) : null);
    if (place) this.boxes.push([place[0], place[1], place[0] + width, place[1] + 14]);
    return place;
  }

  writeHover(context, node, settings) {
    context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
    const width = context.measureText(node.label).width;
    context.fillStyle = this.background;
    context.strokeStyle = this.textColour;
    context.lineWidth = 1;
    context.beginPath();
    context.rect(node.x + node.size, node.y - 11, width + 8, 20);
    context.fill();
    context.stroke();
    context.beginPath();
    context.arc(node.x, node.y, node.size + 2, 0, 2 * Math.PI);
    context.stroke();
    context.fillStyle = this.textColour;
    context.fillText(node.label, node.x + node.size + 4, node.y + 4);
  }

  recolour() {
    this.readColours();
    this.sigma.refresh();
  }

  // The meaning of each colour, with the number of visible posts.
  legend() {
    const { posts, blogs, communities } = this.data;
    const groups = Array.from({ length: 6 }, () => []);
    posts.id.forEach((_, at) => {
      if (this.found.shown[at]) groups[this.tintOf(at)].push(at);
    });
    const name = (tint) => {
      if (tint === 5) return "others";
      if (this.criteria.colour !== "community") return blogs[tint];
      return communities[tint] || `near “${posts.title[groups[tint][0]]}”`;
    };
    return groups.flatMap((members, tint) =>
      members.length ? [[tint, `${name(tint)} (${members.length.toLocaleString("en")})`]] : [],
    );
  }
}

function readForm(data) {
  const values = new FormData(form);
  const post = data.posts.id.indexOf(Number(values.get("post")));
  return {
    kinds: new Set(values.getAll("kind")),
    step: Number(element("step").value),
    post,
    reach: Number(values.get("steps")),
    colour: values.get("colour"),
    dead: element("mark-dead").checked,
    orphans: element("mark-orphans").checked,
  };
}

const plural = (number, one) => `${number.toLocaleString("en")} ${number === 1 ? one : `${one}s`}`;

function updateSummary(data, picture, criteria, found) {
  const dead = found.broken.size + found.unresolved.size;
  const shown = element("shown");
  Object.assign(shown.dataset, { posts: found.posts, links: found.links.size, dead });
  const [posts, links] = [plural(found.posts, "post"), plural(found.links.size, "link")];
  const text = `${posts}, ${links}, ${plural(dead, "link")} to no live post`;
  if (shown.textContent !== text) shown.textContent = text;
  const last = criteria.step === data.steps.length - 1;
  const time = dayOf(data.steps[criteria.step]);
  element("as-of").textContent = last ? `now (${time})` : time;
  element("step").setAttribute("aria-valuetext", element("as-of").textContent);
  element("show-all").hidden = criteria.post < 0;
  element("legend").replaceChildren(
    ...picture.legend().map(([tint, name]) => {
      const entry = document.createElement("li");
      const dot = document.createElement("span");
      dot.className = `swatch tint-${tint}`;
      dot.setAttribute("aria-hidden", "true");
      entry.append(dot, ` ${name}`);
      return entry;
    }),
  );
}

let fetching = new AbortController();
let waiting = 0;

// Fetches the lists from the server, which has the full titles, when the form has not changed for
// 250 ms.
function fetchLists() {
  const parameters = new URLSearchParams(
    [...new FormData(form)].filter(([, value]) => value !== ""),
  );
  const address = `${form.action}?${parameters}`;
  history.replaceState(null, "", address);
  clearTimeout(waiting);
  fetching.abort();
  waiting = setTimeout(async () => {
    fetching = new AbortController();
    try {
      const answer = await fetch(address, { signal: fetching.signal });
      if (!answer.ok) throw new TypeError(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      element("lists").replaceWith(document.adoptNode(page.getElementById("lists")));
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  }, 250);
}

function listen(data, picture) {
  let scheduled = false;
  const update = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      const criteria = readForm(data);
      const found = applyFilter(data, criteria);
      picture.show(criteria, found);
      updateSummary(data, picture, criteria, found);
    });
  };
  const choose = (post) => {
    form.elements.post.value = post;
    form.elements.q.value = "";
    update();
    fetchLists();
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "store") form.elements.blog && (form.elements.blog.value = "");
    if (event.target.name === "store" || event.target.name === "blog") {
      form.elements.post.value = "";
      form.requestSubmit();
    } else if (event.target.name !== "q") {
      update();
      fetchLists();
    }
  });
  element("step").addEventListener("input", (event) => {
    const step = Number(event.target.value);
    form.elements.on.value = step === data.steps.length - 1 ? "" : data.steps[step];
    update();
  });
  for (const mark of ["mark-dead", "mark-orphans"])
    element(mark).addEventListener("change", update);
  form.elements.q.addEventListener("input", (event) => {
    const query = event.target.value.trim().toLowerCase();
    const found =
      query.length < 2
        ? []
        : data.posts.title.filter((title) => title.toLowerCase().includes(query)).slice(0, 20);
    element("titles").replaceChildren(...found.map((title) => new Option(title, title)));
  });
  form.addEventListener("submit", (event) => {
    const query = form.elements.q.value.trim().toLowerCase();
    if (!query) return;
    const titles = data.posts.title.map((title) => title.toLowerCase());
    const at = titles.includes(query)
      ? titles.indexOf(query)
      : titles.findIndex((title) => title.includes(query));
    form.elements.post.value = at < 0 ? "" : data.posts.id[at];
    if (at < 0) return;
    event.preventDefault();
    choose(data.posts.id[at]);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#lists a[data-post], #show-all");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.post ?? "");
    element("shown").scrollIntoView({ block: "start" });
  });
  picture.sigma.on("clickNode", ({ node }) => {
    if (!node.startsWith("unresolved")) choose(data.posts.id[Number(node)]);
  });
  picture.sigma.on("enterNode", () => element("picture").classList.add("pointing"));
  picture.sigma.on("leaveNode", () => element("picture").classList.remove("pointing"));
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      const camera = picture.sigma.getCamera();
      const ratio = { in: camera.ratio / 1.5, out: camera.ratio * 1.5 }[button.dataset.zoom];
      camera.setState(ratio ? { ratio } : { x: 0.5, y: 0.5, ratio: 1 });
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.recolour());
}

async function main() {
  if (!document.createElement("canvas").getContext("webgl2")) {
    element("no-picture").hidden = false;
    return;
  }
  const [posts, links] = await Promise.all(
    [form.dataset.posts, form.dataset.links].map(async (path) => (await fetch(path)).json()),
  );
  const data = {
    ...posts,
    links: unpack(links.links),
    unresolved: { ...unpack(links.unresolved), targets: links.unresolved.targets },
  };
  element("drawn").hidden = false;
  document.querySelector(".when").hidden = data.steps.length < 2;
  const picture = new Picture(data);
  await picture.build(element("picture"));
  const criteria = readForm(data);
  const found = applyFilter(data, criteria);
  picture.start(element("picture"), criteria, found);
  updateSummary(data, picture, criteria, found);
  listen(data, picture);
}

main();

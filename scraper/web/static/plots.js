// Draws each plot from the table below it in the colours of the page, and again when those change.
"use strict";

const DAY = 86400000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SEVERITY = { Trivial: "--plot-6", Minor: "--plot-1", Major: "--plot-2" };

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const bodyRows = (canvas) => [...document.getElementById(canvas.dataset.of).tBodies[0].rows];

function commonOptions() {
  const ticks = { color: colour("--muted"), maxRotation: 0, font: { size: 12 } };
  const grid = { color: colour("--line") };
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { ticks, grid: { display: false }, border: grid },
      y: { ticks, grid, border: { display: false }, beginAtZero: true },
    },
    plugins: { legend: { labels: { color: colour("--text"), boxWidth: 12 } } },
  };
}

// Labels of the axis: the names of months, only the years if there are many, or the days of crawls.
function tickOf(names, keys, width) {
  const monthly = keys.length > 0 && keys.every((key) => /^\d{4}-\d{2}$/.test(key));
  const years = monthly && keys.length > 24;
  const step = Math.max(1, Math.ceil(((years ? keys.length / 12 : keys.length) * 64) / width));
  return (_, at) => {
    if (years)
      return keys[at].endsWith("-01") && Number(keys[at].slice(0, 4)) % step === 0
        ? keys[at].slice(0, 4)
        : undefined;
    if (at % step) return undefined;
    return monthly
      ? `${MONTHS[Number(keys[at].slice(5)) - 1]} ${keys[at].slice(0, 4)}`
      : shortDay(names[at]);
  };
}

function shortDay(name) {
  const [day, month, , time] = name.split(/,? /);
  return [`${day} ${month.slice(0, 3)}`, time];
}

function seriesOptions(canvas) {
  const table = document.getElementById(canvas.dataset.of);
  const rows = bodyRows(canvas);
  const headings = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const names = rows.map((row) => row.cells[0].textContent);
  const keys = rows.map((row) => row.cells[0].dataset.key);
  const links = rows.map((row) => row.querySelector("th a")?.href);
  const line = canvas.dataset.shape === "line";
  const options = commonOptions();
  options.scales.x.ticks = {
    ...options.scales.x.ticks,
    autoSkip: false,
    callback: tickOf(names, keys, canvas.parentElement.clientWidth),
  };
  options.scales.y.ticks.precision = 0;
  options.scales.x.stacked = options.scales.y.stacked = !line;
  options.plugins.legend.display = headings.length > 1;
  options.onClick = (event, found) => {
    if (found.length && links[found[0].index]) location.assign(links[found[0].index]);
  };
  const datasets = headings.map((label, at) => {
    const seriesColour = colour(SEVERITY[label] ?? `--plot-${(at % 6) + 1}`);
    return {
      label,
      data: rows.map((row) => Number(row.cells[at + 1].dataset.n)),
      backgroundColor: seriesColour,
      borderColor: seriesColour,
      borderWidth: line ? 2 : 0,
      pointRadius: rows.length > 1 ? 0 : 4,
      pointHitRadius: 8,
      maxBarThickness: 48,
    };
  });
  return { type: line ? "line" : "bar", data: { labels: names, datasets }, options };
}

// Ticks of a timeline in UTC: years, months, days or times, at most one for every 80 pixels.
function timeTicks(start, end, width) {
  const maxTicks = Math.max(2, Math.floor(width / 80));
  const first = new Date(start);
  const steps = [1, 2, 3, 6, 12, 24, 60, 120];
  const span = end - start;
  if (span > 60 * DAY) {
    const months = steps.find((step) => span / (30 * DAY) / step <= maxTicks) ?? 240;
    const marks = [];
    for (
      let at = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + 1) / months) * months;
      ;
      at += months
    ) {
      const when = Date.UTC(Math.floor(at / 12), at % 12);
      if (when > end) return marks;
      marks.push({
        value: when,
        label:
          months % 12 ? `${MONTHS[at % 12]} ${Math.floor(at / 12)}` : String(Math.floor(at / 12)),
      });
    }
  }
  const units = [
    1000,
    5000,
    15000,
    60000,
    300000,
    900000,
    3600000,
    10800000,
    43200000,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
  ];
  const unit = units.find((size) => span / size <= maxTicks) ?? 30 * DAY;
  const marks = [];
  let shown = "";
  for (let at = Math.ceil(start / unit) * unit; at <= end; at += unit) {
    const when = new Date(at);
    const time = when.toISOString().slice(11, unit < 60000 ? 19 : 16);
    const day = `${when.getUTCDate()} ${MONTHS[when.getUTCMonth()]}`;
    // The day stands below the first time of each day.
    const timeOfDay = day === shown ? time : [time, `${day} ${when.getUTCFullYear()}`];
    marks.push({ value: at, label: unit < DAY ? timeOfDay : day });
    shown = day;
  }
  return marks;
}

function periodOptions(canvas) {
  const rows = bodyRows(canvas).slice(0, Number(canvas.dataset.bars));
  const until = Date.parse(canvas.dataset.until);
  const start = Math.min(...rows.map((row) => Date.parse(row.dataset.from)));
  const end = until + Math.max(1000, (until - start) * 0.04);
  const open = rows.map((row) => "open" in row.dataset);
  const colours = open.map((isOpen) => colour(isOpen ? "--plot-2" : "--plot-1"));
  const labelTexts = rows.map((row) =>
    [...row.cells]
      .slice(1, -2)
      .map((cell) => cell.textContent)
      .join(", "),
  );
  const options = commonOptions();
  options.indexAxis = "y";
  options.interaction = { mode: "nearest", axis: "y", intersect: false };
  options.plugins.legend.display = false;
  options.plugins.tooltip = { callbacks: { label: (item) => labelTexts[item.dataIndex] } };
  const marks = timeTicks(start, end, canvas.parentElement.clientWidth - 90);
  const x = options.scales.x;
  Object.assign(x, { type: "linear", min: start, max: end, grid: { color: colour("--line") } });
  x.afterBuildTicks = (scale) => {
    scale.ticks = marks.map((mark) => ({ value: mark.value }));
  };
  x.ticks = {
    ...x.ticks,
    autoSkip: false,
    callback: (value) => marks.find((mark) => mark.value === value)?.label,
  };
  options.scales.y = {
    ticks: { color: colour("--text"), autoSkip: false, font: { size: 12 } },
    grid: { display: false },
    border: { display: false },
  };
  const data = rows.map((row, at) => [
    Date.parse(row.dataset.from),
    open[at] ? end : Date.parse(row.dataset.to),
  ]);
  const isWide = canvas.parentElement.clientWidth > 600;
  const labels = rows.map(
    (row) => shorten(row.cells[0].textContent) + (isWide ? `, ${row.cells[1].textContent}` : ""),
  );
  const dataset = {
    data,
    backgroundColor: colours,
    minBarLength: 5,
    maxBarThickness: 14,
    borderSkipped: false,
    label: "Seen",
  };
  canvas.parentElement.style.height = `${canvas.dataset.height}px`;
  return {
    type: "bar",
    data: { labels, datasets: [dataset] },
    options,
    plugins: [openEnds(open, colours)],
  };
}

const shorten = (text) => (text.length > 16 ? `${text.slice(0, 15)}…` : text);

// An arrow at the end of each bar whose code a live post still contains.
function openEnds(open, colours) {
  return {
    id: "openEnds",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      chart.getDatasetMeta(0).data.forEach((bar, at) => {
        if (!open[at]) return;
        ctx.fillStyle = colours[at];
        ctx.beginPath();
        ctx.moveTo(chartArea.right - 1, bar.y - bar.height / 2 - 3);
        ctx.lineTo(chartArea.right + 8, bar.y);
        ctx.lineTo(chartArea.right - 1, bar.y + bar.height / 2 + 3);
        ctx.fill();
      });
    },
    beforeInit(chart) {
      chart.options.layout.padding = { right: 10 };
    },
  };
}

const charts = new Map();

function drawAll() {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  for (const canvas of document.querySelectorAll("canvas[data-shape]")) {
    charts.get(canvas)?.destroy();
    charts.set(
      canvas,
      new Chart(
        canvas,
        canvas.dataset.shape === "periods" ? periodOptions(canvas) : seriesOptions(canvas),
      ),
    );
  }
  document.documentElement.dataset.drawn = colour("--background");
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

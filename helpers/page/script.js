"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const phone = matchMedia("(max-width: 40rem)").matches;
  const save = (name, address) => { const link = document.createElement("a"); link.download = name; link.href = address; link.click(); };

  // Theme: by the system, until the reader chooses.
  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  for (const button of all("button.theme")) {
    button.hidden = false;
    button.onclick = () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      document.getElementById("dark").media = dark() ? "screen" : "not all";
    };
  }

  // Figures: the words stand in HTML, so the title is left out here and put back for a download.
  const read = figure => JSON.parse(figure.querySelector("script.figure-data").textContent);
  const scaled = plot => { for (const svg of all(".main-svg", plot)) svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`); };
  function thin(axis) {  // a phone has room for five years on an axis
    const { tickvals: values, ticktext: texts } = axis;
    if (!Array.isArray(values) || values.length < 6) return;
    const step = Math.ceil(values.length / 5), keep = (_, place) => (values.length - 1 - place) % step === 0;
    axis.tickvals = values.filter(keep);
    axis.ticktext = texts.filter(keep);
  }
  async function draw(figure) {
    const { data, layout } = read(figure), plot = figure.querySelector(".plot");
    delete layout.title;
    delete layout.template;
    layout.annotations = (layout.annotations || []).filter(note => note.name !== "unit" && !(phone && note.name === "context"));
    const { yaxis, margin } = layout;
    if (phone && yaxis && yaxis.scaleanchor) {  // a map keeps its shape
      layout.height = Math.round(margin.t + margin.b + (layout.height - margin.t - margin.b) * figure.clientWidth / 840);
      plot.style.minHeight = `${layout.height}px`;
    }
    if (phone) for (const name of Object.keys(layout).filter(name => /^xaxis/.test(name))) thin(layout[name]);
    await Plotly.newPlot(plot, data, { ...layout, autosize: true }, { displayModeBar: false, responsive: true, doubleClick: "reset" });
    scaled(plot);
    plot.on("plotly_afterplot", () => scaled(plot));
    plot.on("plotly_relayout", () => scaled(plot));
    figure.dataset.drawn = "yes";
  }
  async function image(figure, format) {
    const { data, layout } = read(figure), title = layout.title || {};
    const light = { ...layout, title, width: 960, height: layout.height + 60, paper_bgcolor: "#ffffff", margin: { ...layout.margin, l: 24, t: 96, b: 40 } };
    const address = await Plotly.toImage({ data, layout: light }, { format, width: light.width, height: light.height, scale: format === "png" ? 2 : 1 });
    save(`sahel-shift-${figure.dataset.figure}.${format}`, address);
  }
  async function start() {
    await Promise.all(all("figure[data-figure]").map(draw));
    document.documentElement.dataset.ready = "yes";
  }

  // Tables: search, sort, filter and export; all rows are in the page without this script.
  const text = cell => cell.matches(".n") ? cell.textContent.replaceAll(",", "") : cell.textContent;
  const quoted = value => /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const exported = cell => cell.dataset.csv ?? (cell.querySelector("a[href^=http]") ? all("a[href^=http]", cell).map(link => link.getAttribute("href")).join(" ") : text(cell));
  function csv(table) {
    const rows = all("tr", table).filter(row => !row.hidden);
    return rows.map(row => [...row.cells].map(cell => quoted(exported(cell).trim().replace(/\s+/g, " "))).join(",")).join("\n") + "\n";
  }
  function tools(part) {
    const table = part.querySelector("table"), rows = all("tbody tr", table), bar = part.querySelector(".tools");
    const words = rows.map(row => row.textContent.toLowerCase());
    const input = bar.querySelector("input"), shown = bar.querySelector("output"), chosen = all("select", bar);
    const apply = () => {
      const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row, place) => {
        row.hidden = !(terms.every(term => words[place].includes(term)) && chosen.every(select => !select.value || text(row.cells[select.dataset.column]).split(/, | · /).includes(select.value)));
      });
      shown.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} rows`;
    };
    for (const select of chosen) {
      const values = new Set(rows.flatMap(row => text(row.cells[select.dataset.column]).split(/, | · /)).filter(Boolean));
      for (const value of [...values].sort()) select.add(new Option(value, value));
      select.onchange = apply;
    }
    input.oninput = apply;
    bar.hidden = false;
    apply();
  }
  function sortable(table) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.onclick = () => {
        const up = head.getAttribute("aria-sort") !== "ascending", number = head.classList.contains("number");
        for (const other of all("th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = row => number ? parseFloat(text(row.cells[column]).replaceAll(",", "")) || 0 : text(row.cells[column]);
        const order = (a, b) => number ? key(a) - key(b) : key(a).localeCompare(key(b), "en");
        const body = table.tBodies[0];
        body.append(...[...body.rows].sort((a, b) => up ? order(a, b) : order(b, a)));
      };
    });
  }
  for (const row of all("tbody tr[id]")) {  // a link to every row; without script its id still is one
    const link = document.createElement("a"), cell = row.cells[0];
    link.className = "anchor";
    link.href = `#${row.id}`;
    link.append(...cell.childNodes);
    cell.append(link);
  }
  for (const table of all("table")) sortable(table);
  for (const part of all(".table-part.searchable")) tools(part);
  for (const button of all("button[data-csv-of]")) {
    button.hidden = false;
    button.onclick = () => save(`sahel-shift-${button.dataset.csvOf}.csv`, URL.createObjectURL(new Blob([csv(document.getElementById(button.dataset.csvOf))], { type: "text/csv" })));
  }
  for (const button of all("button[data-image]")) {
    button.hidden = false;
    button.onclick = () => image(button.closest("figure"), button.dataset.image);
  }

  for (const button of all("button[data-copy]")) {
    button.hidden = false;
    button.onclick = async () => {
      await navigator.clipboard.writeText(`${button.dataset.copy}`);
      button.textContent = "Copied";
    };
  }

  // The contents follow the reader.
  const entries = new Map(all("nav.contents a[href^='#']").map(link => [link.hash.slice(1), link]));
  const follow = () => {
    const passed = [...entries.keys()].filter(id => document.getElementById(id)?.getBoundingClientRect().top < innerHeight / 3);
    for (const [id, link] of entries) id === passed.at(-1) ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  };
  addEventListener("scroll", follow, { passive: true });
  follow();

  // Following a link to a row opens what hides it; before printing everything drawn keeps its shape.
  const open = () => { for (let node = document.getElementById(location.hash.slice(1)); node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true; };
  addEventListener("hashchange", open);
  open();

  const packed = document.getElementById("plotly-packed");
  if (packed) {
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), letter => letter.charCodeAt(0));
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(code => {
      const script = document.createElement("script");
      script.textContent = code;
      document.head.append(script);
      start();
    });
  } else if (typeof Plotly !== "undefined") start();
  else document.documentElement.dataset.ready = "yes";
})();

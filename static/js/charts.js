/* One look for every chart, read from the tokens, redrawn when the theme changes.
   Strict CSP: canvas renderer, and tooltips are elements with classes, never HTML text with style="".
   A chart is <div data-chart="ID"> with its data in <script type="application/json" id="ID"> (web/chart.html). */
(() => {
  "use strict";
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);

  /* Tokens use light-dark(), which only a computed colour resolves. */
  function colour(token) {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  }
  const TOKENS = { now: "--so-chart-now", then: "--so-chart-then", plan: "--so-chart-plan", up: "--so-up", down: "--so-down", bar: "--so-chart-now", age0: "--so-age-0", age1: "--so-age-1", age2: "--so-age-2", age3: "--so-age-3", age4: "--so-age-4" };
  const token = (look) => TOKENS[look] ?? "--so-chart-now";
  const figure = (decimals) => new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  function tip(title, rows, decimals = 1) {
    const box = document.createElement("div");
    box.className = "so-tip";
    const head = document.createElement("div");
    head.className = "so-tip__t";
    head.textContent = title;
    box.append(head);
    for (const [name, value] of rows) {
      if (value == null) continue;
      const row = document.createElement("div");
      row.className = "so-tip__r";
      for (const text of [name, figure(decimals).format(value).replace("-", "−")]) {
        const span = document.createElement("span");
        span.textContent = text;
        row.append(span);
      }
      box.append(row);
    }
    return box;
  }

  function base(categories, { every = "auto", decimals = 1, horizontal = false, slanted = false } = {}) {
    const label = { color: colour("--so-ink-3"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily };
    const names = { type: "category", data: categories, inverse: horizontal, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--so-line-2") } }, axisLabel: { ...label, interval: horizontal || slanted ? 0 : every, ...(slanted ? { rotate: 35, width: 104, overflow: "truncate" } : {}) } };
    const values = { type: "value", splitNumber: 4, axisLabel: { ...label, formatter: (value) => value.toLocaleString("en").replace("-", "−") }, splitLine: { lineStyle: { color: colour("--so-line") } } };
    return {
      animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
      grid: { left: 12, right: 16, top: 12, bottom: 8, outerBoundsMode: "same" },
      xAxis: horizontal ? values : names, yAxis: horizontal ? names : values,
      tooltip: {
        trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("--so-line-2"), type: "solid" } },
        backgroundColor: colour("--so-raised"), borderColor: colour("--so-line-2"), borderWidth: 1, padding: [8, 12], confine: true,
        formatter: (points) => tip(points[0].axisValueLabel, points.map((point) => [point.seriesName, point.value?.value ?? point.value]), decimals),
      },
    };
  }
  const bars = (name, data, strong = [], look = "now", more = {}) => ({
    name, type: "bar", barMaxWidth: 28, barCategoryGap: "46%", itemStyle: { color: colour(token(look)), borderRadius: more.stack ? 0 : [2, 2, 0, 0] },
    data: data.map((value, at) => (!strong.length || strong.includes(at) ? value : { value, itemStyle: { opacity: 0.38 } })), ...more,
  });
  const line = (name, data, look, more = {}) => ({
    name, type: "line", data, symbol: "none", itemStyle: { color: colour(token(look)) }, lineStyle: { width: look === "now" ? 2.25 : 1.75, color: colour(token(look)), ...(look === "plan" ? { type: [2, 3], width: 1.25 } : {}) }, ...more,
  });

  /* What is in percent has an axis of its own on the right. */
  function withPercent(made) {
    const label = { ...made.yAxis.axisLabel, formatter: "{value}%" };
    return { ...made, yAxis: [made.yAxis, { type: "value", min: 0, max: 100, interval: 25, axisLabel: label, splitLine: { show: false } }] };
  }

  function option(spec) {
    const made = base(spec.categories, spec);
    const mixed = spec.series.some((one) => one.kind === "bar");
    return {
      ...(spec.series.some((one) => one.percent) ? withPercent(made) : made),
      series: spec.series.map((one) => (one.kind === "bar"
        ? bars(one.name, one.values, spec.strong, one.look, one.stack ? { stack: one.stack } : {})
        : line(one.name, one.values, one.look, { ...(one.percent ? { yAxisIndex: 1 } : {}), ...(one.look === "now" && !mixed ? { areaStyle: { color: colour("--so-chart-now"), opacity: 0.07 } } : {}) }))),
    };
  }

  /* Draw into an element; `make()` returns the option and is asked again when the theme changes. */
  function chart(element, make) {
    const made = echarts.init(element, null, { renderer: "canvas" });
    const draw = () => made.setOption(make(), true);
    draw();
    document.addEventListener("so:theme", draw);
    new ResizeObserver(() => made.resize()).observe(element);
    return draw;
  }

  function drawAll(within) {
    for (const element of within.querySelectorAll("[data-chart]")) {
      const data = document.getElementById(element.dataset.chart);
      if (!data || element.dataset.drawn) continue;
      element.dataset.drawn = "yes";
      const spec = JSON.parse(data.textContent);
      chart(element, () => option(spec));
    }
  }
  drawAll(document);
  document.addEventListener("htmx:afterSettle", () => drawAll(document));

  window.so.on("click", "[data-chart-table]", (_event, button) => {
    const panel = button.closest("[data-chart-panel]");
    const table = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(table));
    panel.querySelector("[data-chart]").hidden = table;
    panel.querySelector("[data-chart-rows]").hidden = !table;
  });

  Object.assign(window.so, { bars, base, chart, colour, line, tip });
})();

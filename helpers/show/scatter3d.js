/* The scatter that can be turned: reads the data beside it, draws with plotly.js, shows the image pointed at. */
(() => {
  "use strict";

  const literally = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function hasWebGL() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl"));
    } catch {
      return false;
    }
  }

  function tracesOf(data) {
    return data.classes.map((name, number) => {
      const members = data.labels.map((label, index) => (label === number ? index : -1)).filter((i) => i >= 0);
      const axis = (k) => members.map((index) => data.points[index][k]);
      return {
        type: "scatter3d", mode: "markers", name: literally(name), x: axis(0), y: axis(1), z: axis(2),
        customdata: members, hoverinfo: "none",
        marker: { size: 5, color: data.colours[number % data.colours.length], symbol: data.symbols[number % data.symbols.length] },
      };
    });
  }

  function layoutFor(width) {
    const bare = { showgrid: true, zeroline: false, showticklabels: false, title: { text: "" }, gridcolor: "#d5d9e0", showspikes: false };
    return {
      margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", font: { color: "#22252b", size: width < 500 ? 11 : 13 },
      scene: { xaxis: bare, yaxis: bare, zaxis: bare, aspectmode: "cube", camera: { eye: { x: 1.0, y: 1.0, z: 0.65 }, center: { x: 0, y: 0, z: -0.08 } } },
      legend: { orientation: "h", x: 0, y: 0, yanchor: "top", itemsizing: "constant" },
    };
  }

  /* The image is a window onto the sprite sheet, in a box of at most 128 pixels. */
  function thumbnail(data, index) {
    const { source, columns, width, height } = data.sprite;
    const scale = 128 / Math.max(width, height);
    const rows = Math.ceil(data.names.length / columns);
    const box = document.createElement("i");
    box.style.width = `${width * scale}px`;
    box.style.height = `${height * scale}px`;
    box.style.backgroundImage = `url(${source})`;
    box.style.backgroundSize = `${columns * width * scale}px ${rows * height * scale}px`;
    box.style.backgroundPosition = `${-(index % columns) * width * scale}px ${-Math.floor(index / columns) * height * scale}px`;
    return box;
  }

  function describe(tip, data, index) {
    const lines = [`true: ${data.classes[data.labels[index]]}`];
    if (data.predicted) lines.push(`predicted: ${data.classes[data.predicted[index]]}`);
    lines.push(data.names[index]);
    tip.replaceChildren(thumbnail(data, index), ...lines.map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    tip.hidden = false;
  }

  function say(plot, sentence) {
    const message = document.createElement("p");
    message.className = "ic-scatter3d-message";
    message.textContent = sentence;
    plot.replaceChildren(message);
  }

  function draw(stage) {
    stage.dataset.ready = "1";
    const plot = stage.querySelector(".ic-scatter3d-plot");
    if (!window.Plotly) return say(plot, "The script for this picture is missing; the static pictures show the same points.");
    if (!hasWebGL()) return say(plot, "This browser offers no WebGL, which this picture needs; the static pictures show the same points.");
    const data = JSON.parse(stage.querySelector('script[type="application/json"]').textContent);
    const tip = stage.querySelector(".ic-scatter3d-tip");
    const options = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "hoverClosest3d", "resetCameraLastSave3d"] };
    plot.replaceChildren();
    window.Plotly.newPlot(plot, tracesOf(data), layoutFor(stage.clientWidth), options).then(() => {
      const tell = (event) => describe(tip, data, event.points[0].customdata);
      plot.on("plotly_hover", tell);
      plot.on("plotly_click", tell);
      plot.on("plotly_unhover", () => { tip.hidden = true; });
    });
  }

  const drawAll = () => document.querySelectorAll(".ic-scatter3d-stage:not([data-ready])").forEach(draw);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll);
  else setTimeout(drawAll, 0);
})();

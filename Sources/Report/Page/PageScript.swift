/// The script of the page: the slider of relevance, and hover and search on the map. Without it the
/// page shows the same clusters, terms and documents.
enum PageScript {
  static let text = [start, terms, map].joined(separator: "\n")

  private static let start = #"""
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const make = (tag, text, kind) => {
      const element = document.createElement(tag);
      if (text !== undefined) element.textContent = text;
      if (kind) element.className = kind;
      return element;
    };
    """#

  /// Orders the terms of every cluster by r = λ ln p + (1 − λ) ln lift, as `TermStatistics` does.
  private static let terms = #"""
    const slider = document.getElementById("weight");
    const rank = () => {
      const weight = 1 - slider.value / 100;
      document.getElementById("lambda").value = weight.toFixed(2).replace(/0$/, "");
      for (const cluster of data.terms) {
        const list = document.querySelector(`.terms[data-cluster="${cluster.cluster}"]`);
        if (!list) continue;
        const scored = cluster.words.map((word, i) => {
          const share = cluster.inside[i] / cluster.mass;
          const lift = share / (cluster.all[i] / data.mass);
          return { i, word, score: weight * Math.log(share) + (1 - weight) * Math.log(lift) };
        });
        scored.sort((a, b) => b.score - a.score || a.i - b.i);
        list.replaceChildren(...scored.slice(0, data.count).map(({ i, word }) => {
          const share = cluster.inside[i] / cluster.size;
          const times = share / (cluster.all[i] / data.documents);
          const item = make("li", word);
          item.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
          const shown = times.toFixed(9.95 > times ? 1 : 0);
          item.append(make("span", `× ${shown}`));
          return item;
        }));
      }
    };
    if (slider) slider.addEventListener("input", rank);
    """#

  private static let map = #"""
    const box = document.getElementById("map-cluster");
    const points = data.points;
    const describe = (i) => {
      const tip = [make("div", points.text[i] || points.name[i])];
      const facts = [points.text[i] ? points.name[i] : "", data.clusters[points.cluster[i]]];
      if (points.label.length && points.label[i] >= 0) {
        facts.push(data.classes[points.label[i]] ?? `class ${points.label[i]}`);
      }
      tip.push(make("div", facts.filter((text) => text).join(" · "), "facts"));
      return tip;
    };
    if (box) {
      const svg = box.querySelector("svg");
      const rings = document.createElementNS("http://www.w3.org/2000/svg", "path");
      rings.setAttribute("class", "found");
      svg.append(rings);
      const ring = (i, r) => `M${points.x[i] - r} ${points.y[i]}a${r} ${r} 0 1 0 ${2 * r} 0`
        + `a${r} ${r} 0 1 0 ${-2 * r} 0`;
      let found = [];
      const draw = (more) => rings.setAttribute("d",
        found.concat(more).map((i) => ring(i, 4)).join(""));
      const tip = make("div");
      tip.id = "tip";
      tip.hidden = true;
      box.append(tip);
      const hide = () => { tip.hidden = true; draw([]); };
      svg.addEventListener("pointermove", (event) => {
        const frame = svg.getBoundingClientRect();
        const scale = frame.width / svg.viewBox.baseVal.width;
        const x = (event.clientX - frame.left) / scale;
        const y = (event.clientY - frame.top) / scale;
        let best = -1, least = 144;
        points.x.forEach((px, i) => {
          const far = (px - x) ** 2 + (points.y[i] - y) ** 2;
          if (least > far) { best = i; least = far; }
        });
        if (0 > best) return hide();
        draw([best]);
        tip.replaceChildren(...describe(best));
        tip.hidden = false;
        const left = Math.min(points.x[best] * scale, box.clientWidth - tip.offsetWidth);
        tip.style.left = `${Math.max(0, left)}px`;
        tip.style.top = `${points.y[best] * scale + 12}px`;
      });
      svg.addEventListener("pointerleave", hide);
      const list = document.getElementById("found");
      document.getElementById("search").addEventListener("input", (event) => {
        const sought = event.target.value.trim().toLowerCase();
        found = sought === "" ? [] : points.x.map((_, i) => i).filter((i) =>
          `${points.text[i]} ${points.name[i]}`.toLowerCase().includes(sought));
        draw([]);
        const counts = new Map();
        for (const i of found) {
          counts.set(points.cluster[i], (counts.get(points.cluster[i]) ?? 0) + 1);
        }
        const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6);
        list.textContent = sought === "" ? "" : `${found.length} of ${points.x.length} documents`
          + (most.length ? ": " + most.map(([c, n]) => `${n} in ${data.clusters[c]}`).join("; ") : "");
      });
    }
    """#
}

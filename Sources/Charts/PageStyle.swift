/// The style of the report's page: light and dark, from 390 pixels on, and in print.
enum PageStyle {
  static let css = [colours, text, tables, clusters, figures, print].joined(separator: "\n")

  private static let colours = """
    :root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --soft: #555; --line: #ddd;
      --tint: #f5f6f8; --bar: #0072b2; --pale: #bcd6e8; --warn: #d55e00; --warn-tint: #fdf3ec;
      print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    @media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e8e8e8;
      --soft: #a3a7ad; --line: #3a3d42; --tint: #202327; --bar: #56a8dc; --pale: #2c4a5e;
      --warn: #f08a3c; --warn-tint: #33231a; }
      svg path[opacity] { filter: brightness(1.45); } }
    """

  private static let text = """
    * { box-sizing: border-box; }
    html { scroll-padding-top: 12px; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 1160px; margin: 0 auto; padding: 24px 20px 60px; }
    h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
    h2 { font-size: 19px; margin: 44px 0 8px; padding-bottom: 4px;
      border-bottom: 1px solid var(--line); }
    h3 { font-size: 15px; margin: 18px 0 4px; overflow-wrap: anywhere; }
    h4 { font-size: 12px; font-weight: 600; color: var(--soft); margin: 10px 0 2px; }
    p, li { overflow-wrap: anywhere; }
    p { margin: 6px 0; max-width: 52em; }
    a { color: inherit; text-decoration-color: var(--soft); }
    .facts { color: var(--soft); font-size: 14px; }
    .warning { border-left: 4px solid var(--warn); padding: 6px 12px;
      background: var(--warn-tint); }
    nav { margin: 14px 0 0; font-size: 14px; }
    nav a { display: inline-block; margin: 0 14px 4px 0; }
    input[type=search] { font: inherit; width: 100%; max-width: 26em; padding: 6px 10px;
      color: inherit; background: var(--tint); border: 1px solid var(--line); border-radius: 4px; }
    input[type=range] { width: 240px; max-width: 60%; vertical-align: middle;
      accent-color: var(--bar); }
    """

  private static let tables = """
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; }
    th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); }
    th, td { padding: 4px 12px 4px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
    .numbers th + th, .numbers td + td { text-align: right; padding-left: 12px; }
    .scores td { font-size: 20px; } .scores td, .scores th { padding-right: 20px; }
    .scores td:first-child { font-size: 15px; padding-top: 9px; }
    .shaded th, .shaded td { border: 1px solid var(--paper); padding: 3px 8px; text-align: right; }
    .shaded th { border: 0; white-space: nowrap; }
    .shaded th:first-child { position: sticky; left: 0; background: var(--paper); }
    .shaded tbody th { max-width: 24em; overflow: hidden; text-overflow: ellipsis; }
    .small th, .small td { font-size: 11px; padding: 1px 5px; }
    .shaded .tall { vertical-align: bottom; }
    .shaded .tall span { writing-mode: vertical-rl; transform: rotate(180deg); }
    .settings { columns: 3 260px; column-gap: 32px; font-size: 13px; }
    .settings div { break-inside: avoid; } .settings h3 { margin-top: 0; }
    .settings dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 12px;
      margin: 4px 0 14px; }
    .settings dt { color: var(--soft); } .settings dd { margin: 0; overflow-wrap: anywhere; }
    """

  private static let clusters = """
    .overview { list-style: none; margin: 10px 0; padding: 0; font-size: 14px;
      columns: 2 420px; column-gap: 28px; }
    .overview li { display: grid; grid-template-columns: 4.2em 1fr auto auto; gap: 0 10px;
      padding: 3px 6px; break-inside: avoid; border-bottom: 1px solid var(--line);
      background: linear-gradient(var(--tint), var(--tint)) no-repeat 0 0 / var(--share) 100%; }
    .overview .facts { font-size: 13px; }
    .overview .value { font-variant-numeric: tabular-nums; text-align: right; }
    .overview .value + .value { color: var(--soft); min-width: 2.6em; }
    .swatch { display: inline-block; width: 11px; height: 11px; margin-right: 6px; }
    .swatch svg { width: 11px; height: 11px; display: block; }
    .cluster { border: 1px solid var(--line); border-radius: 6px; padding: 2px 16px 12px;
      margin: 14px 0; }
    .cluster h3 { font-size: 17px; margin: 10px 0 0; }
    .cluster .parts { display: grid; grid-template-columns: minmax(220px, 1fr) 2fr; gap: 0 28px; }
    .cluster .parts.one { grid-template-columns: 1fr; }
    .terms { list-style: none; margin: 4px 0; padding: 0; font-size: 13px; }
    .terms li { position: relative; padding: 1px 6px; margin: 1px 0; display: flex;
      justify-content: space-between; gap: 8px; }
    .terms li span { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
    .terms li { background: linear-gradient(var(--pale), var(--pale)) no-repeat 0 0
      / var(--share) 100%; }
    .documents { list-style: none; margin: 2px 0 6px; padding: 0; font-size: 13px; }
    .documents li { margin: 0 0 5px; line-height: 1.4; }
    .documents span { color: var(--soft); font-size: 12px; }
    .galleries { display: flex; flex-wrap: wrap; gap: 0 28px; }
    .pictures { display: flex; flex-wrap: wrap; gap: 8px; margin: 4px 0; }
    .pictures figure { width: 68px; text-align: center; font-size: 11px; color: var(--soft);
      line-height: 1.25; overflow-wrap: anywhere; }
    .pictures img { width: 68px; height: auto; display: block; border-radius: 3px; }
    @media (max-width: 640px) {
      main { padding: 16px 14px 40px; }
      .cluster { padding: 2px 12px 10px; }
      .cluster .parts { grid-template-columns: 1fr; }
      .overview { columns: auto; }
      .scores td { font-size: 16px; } .scores td, .scores th { padding-right: 4px; }
      .shaded tbody th { max-width: 9.5em; font-size: 11px; }
    }
    """

  private static let figures = """
    .figures { display: grid; gap: 14px;
      grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); }
    .figures.large { grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); }
    figure { margin: 0; }
    figure svg { width: 100%; height: auto; max-width: 720px; display: block; }
    svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
    svg text.tiny { font-size: 7.5px; }
    svg .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
    svg .mark, svg .name { font-size: 12px; font-weight: 700; fill: var(--ink);
      stroke: var(--paper); stroke-width: 3px; paint-order: stroke; text-anchor: middle; }
    svg .name { font-size: 10px; font-weight: 400; }
    svg .many { font-size: 9px; stroke-width: 2px; }
    svg .grid { stroke: var(--line); fill: none; }
    svg .axis { stroke: var(--soft); fill: none; }
    svg .branch { stroke: var(--soft); fill: none; }
    svg .unlabelled { stroke: var(--line); stroke-width: 3; stroke-linecap: round; fill: none; }
    svg .bars { fill: var(--bar); }
    svg .limit { stroke: var(--soft); stroke-dasharray: 3 3; fill: none; }
    svg .found { stroke: var(--ink); stroke-width: 1.6; fill: none; }
    .pixels { image-rendering: pixelated; }
    .legend { font-size: 13px; }
    .legend span { white-space: nowrap; margin-right: 14px; }
    .legend span span { margin-right: 6px; }
    .map { position: relative; max-width: 760px; }
    .map figure svg { max-width: none; }
    #tip { position: absolute; z-index: 2; max-width: 300px; padding: 6px 10px; font-size: 13px;
      line-height: 1.35; background: var(--paper); border: 1px solid var(--soft);
      border-radius: 4px; pointer-events: none; overflow-wrap: anywhere; }
    #found { font-size: 13px; margin: 4px 0; min-height: 1.5em; }
    """

  private static let print = """
    @media print {
      :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #ccc;
        --tint: #eef0f3; --bar: #0072b2; --pale: #cfe0ec; --warn-tint: #fff; }
      main { max-width: none; padding: 0; } body { font-size: 11px; }
      h2, h3, h4 { break-after: avoid; } figure, tr, .cluster { break-inside: avoid; }
      nav, .moving { display: none; }
      .figures { grid-template-columns: repeat(3, 1fr); }
      .figures.large { grid-template-columns: repeat(2, 1fr); }
      .cluster .parts { grid-template-columns: 1fr 2fr; }
      .cluster .parts.one { grid-template-columns: 1fr; }
      .terms, .documents, .overview { font-size: 10px; } .documents span { font-size: 9px; }
      .wide { overflow: visible; }
    }
    """
}

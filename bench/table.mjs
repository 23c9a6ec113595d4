// One table for all figures, and their ratios as bars.

export const percentile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};
export const median = (values) => percentile(values, 0.5);

const round = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString());

/** rows: { work, ours, peer, peerName, ratio, reach, p50, p99, cpu, memory }; what a row lacks stays empty. */
export function print(rows) {
  const columns = ["work", "ours", "peer", "", "ratio", "reach", "p50 ms", "p99 ms", "CPU µs/req", "MB"];
  const lines = rows.map((row) =>
    [row.work, row.ours, row.peer, row.peerName, row.ratio, row.reach, row.p50, row.p99, row.cpu, row.memory].map((cell) =>
      typeof cell === "number" ? round(cell) : (cell ?? ""),
    ),
  );
  const widths = columns.map((column, i) => Math.max(column.length, ...lines.map((line) => line[i].length)));
  const show = (cells) => console.log(cells.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
  show(columns);
  show(widths.map((width) => "-".repeat(width)));
  lines.forEach(show);

  console.log("\nratio to the peer (| marks 1)");
  for (const { work, ratio } of rows) {
    if (ratio === undefined) continue;
    const length = Math.min(60, Math.round(ratio * 20));
    const bar = "#".repeat(length).padEnd(20, " ");
    console.log(`${work.padEnd(widths[0])}  ${bar.slice(0, 20)}|${bar.slice(20)} ${round(ratio)}`);
  }
}

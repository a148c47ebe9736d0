export interface Bar {
  readonly label: string;
  readonly value: number;
}

const rowHeight = 28;
const labelWidth = 200;
const barWidth = 440;

/** A horizontal bar chart as an SVG document. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ label, value }, index) => {
    const y = 40 + index * rowHeight;
    const width = Math.max(1, Math.round((value / most) * barWidth));
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${width}" height="20" fill="#3b6ea5"/>`,
      `<text x="${labelWidth + width + 6}" y="${y + 15}">${value.toLocaleString('en')}</text>`,
    ].join('');
  });
  const width = labelWidth + barWidth + 120;
  const height = 52 + bars.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    ' font-family="sans-serif" font-size="13">',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="12" y="24" font-weight="bold">${escape(title)}</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A chart as SVG, in colours that can be read on white and on black. */
import { parse, View } from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';

const ink = '#7d8590';
const config: Config = {
  background: 'transparent',
  font: 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif',
  padding: 12,
  view: { stroke: null },
  axis: {
    labelColor: ink,
    titleColor: ink,
    titleFontWeight: 'normal',
    titlePadding: 10,
    domain: false,
    ticks: false,
    labelPadding: 6,
    gridColor: ink,
    gridOpacity: 0.2,
  },
  legend: {
    labelColor: ink,
    labelFontSize: 12,
    title: null,
    orient: 'top',
    symbolOpacity: 1,
    columnPadding: 16,
  },
  title: { color: ink, subtitleColor: ink, fontWeight: 600, anchor: 'start', offset: 12 },
  header: { labelColor: ink, titleColor: ink, labelFontSize: 12, title: null },
};

export function svgOf(chart: TopLevelSpec): Promise<string> {
  const { spec } = compile(chart, { config });
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

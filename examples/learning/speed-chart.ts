/** Learning curves, each network at its best rate, and below it how many steps it takes at every rate. */
import type { TopLevelSpec } from 'vega-lite';
import { colorScale } from './colors.js';
import { best, type Cell, every, level } from './speed.js';
import { spreadOf } from './spread.js';

/** What a network that has learned nothing is at, ln 10, and a little room. */
const ceiling = 2.6;

/** At a step: a loss that is no number counts as infinite, and is drawn at the ceiling. */
function pointsOf({ kind, gain, curves }: Cell, points: number) {
  return Array.from({ length: points }, (_, i) => {
    const losses = curves.map((curve) => Math.min(curve[i] ?? ceiling, ceiling) || ceiling);
    return { kind, init: `weights × ${gain}`, step: (i + 1) * every, ...spreadOf(losses) };
  });
}

export function speedChart(cells: readonly Cell[], steps: number): TopLevelSpec {
  const kinds = [...new Set(cells.map(({ kind }) => kind))];
  const gains = [...new Set(cells.map(({ gain }) => gain))];
  const curves = gains.flatMap((gain) => {
    const here = cells.filter((cell) => cell.gain === gain);
    return kinds.flatMap((kind) => pointsOf(best(here, kind), steps / every));
  });
  const reached = cells.map(({ kind, gain, rate, steps: taken }) => {
    const { least, median, most } = spreadOf(taken.map((value) => Math.min(value, steps * 1.15)));
    return { kind, init: `weights × ${gain}`, rate, least, median, most, never: median > steps };
  });
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: colorScale(kinds),
    sort: kinds,
  } as const;
  const facet = { field: 'init', type: 'nominal', sort: gains.map((gain) => `weights × ${gain}`) } as const;
  const size = { width: 230, height: 170 };
  return {
    vconcat: [
      {
        title: 'Loss on places held out, each network at its best learning rate',
        data: { values: curves },
        facet: { column: facet },
        spec: {
          ...size,
          encoding: { x: { field: 'step', type: 'quantitative', title: 'step' }, color },
          layer: [
            {
              mark: { type: 'area', opacity: 0.18 },
              encoding: {
                y: { field: 'least', type: 'quantitative', title: 'nats', scale: { domain: [0, ceiling] } },
                y2: { field: 'most' },
              },
            },
            {
              mark: { type: 'line', strokeWidth: 2.5 },
              encoding: { y: { field: 'median', type: 'quantitative' } },
            },
          ],
        },
      },
      {
        title: `Steps until ${level} nats, by learning rate (○: not within ${steps})`,
        data: { values: reached },
        facet: { column: facet },
        spec: {
          ...size,
          encoding: {
            x: {
              field: 'rate',
              type: 'quantitative',
              scale: { type: 'log', nice: false, padding: 10 },
              title: 'learning rate',
              axis: { values: [0.01, 0.03, 0.1, 0.3, 1, 3], format: '~g' },
            },
            color,
          },
          layer: [
            {
              mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.6 },
              encoding: {
                y: {
                  field: 'least',
                  type: 'quantitative',
                  title: 'steps',
                  scale: { domain: [0, steps * 1.2] },
                },
                y2: { field: 'most' },
              },
            },
            {
              mark: { type: 'line', strokeWidth: 1.5, opacity: 0.6 },
              encoding: { y: { field: 'median', type: 'quantitative' } },
            },
            {
              transform: [{ filter: '!datum.never' }],
              mark: { type: 'point', size: 60, filled: true, opacity: 1 },
              encoding: { y: { field: 'median', type: 'quantitative' } },
            },
            {
              transform: [{ filter: 'datum.never' }],
              mark: { type: 'point', size: 60, filled: false, opacity: 1 },
              encoding: { y: { field: 'median', type: 'quantitative' } },
            },
          ],
        },
      },
    ],
    spacing: 30,
  };
}

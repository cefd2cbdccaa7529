/** Learning curves, each network at its best rate, and below them how many steps it takes at every rate. */
import type { TopLevelSpec } from 'vega-lite';
import { colorScale } from './colors.js';
import { best, type Cell, every, level } from './speed.js';
import { spreadOf } from './spread.js';

/** What a network that has learned nothing is at, ln 10, and a little room. */
const ceiling = 2.6;
const panel = { width: 230, height: 170 };
const column = (gain: number): string => `weights × ${gain}`;

/** Every few steps. A loss that is no number is drawn at the ceiling. */
function curveOf({ kind, gain, curves }: Cell, steps: number) {
  return Array.from({ length: steps / every }, (_, i) => {
    const losses = curves.map((curve) => Math.min(curve[i] ?? ceiling, ceiling) || ceiling);
    return { kind, init: column(gain), step: (i + 1) * every, ...spreadOf(losses) };
  });
}

/** How long it took; what was not reached lies a little above all steps. */
function reachedBy({ kind, gain, rate, steps: taken }: Cell, steps: number) {
  const spread = spreadOf(taken.map((value) => Math.min(value, steps * 1.15)));
  return { kind, init: column(gain), rate, ...spread, never: spread.median > steps };
}

const median = { y: { field: 'median', type: 'quantitative' } } as const;

export function speedChart(cells: readonly Cell[], steps: number): TopLevelSpec {
  const kinds = [...new Set(cells.map(({ kind }) => kind))];
  const rates = [...new Set(cells.map(({ rate }) => rate))];
  const gains = [...new Set(cells.map(({ gain }) => gain))];
  const color = { field: 'kind', type: 'nominal', scale: colorScale(kinds), sort: kinds } as const;
  const facet = { column: { field: 'init', type: 'nominal', sort: gains.map(column) } } as const;
  const fastest = gains.flatMap((gain) => {
    const here = cells.filter((cell) => cell.gain === gain);
    return kinds.map((kind) => best(here, kind));
  });

  return {
    spacing: 30,
    vconcat: [
      {
        title:
          'Loss on places held out, each network at its best learning rate (at the top: no number any more)',
        data: { values: fastest.flatMap((cell) => curveOf(cell, steps)) },
        facet,
        spec: {
          ...panel,
          encoding: {
            x: { field: 'step', type: 'quantitative', title: 'step', scale: { domain: [0, steps] } },
            color,
          },
          layer: [
            {
              mark: { type: 'area', opacity: 0.18 },
              encoding: {
                y: { field: 'least', type: 'quantitative', title: 'nats', scale: { domain: [0, ceiling] } },
                y2: { field: 'most' },
              },
            },
            { mark: { type: 'line', strokeWidth: 2.5 }, encoding: median },
          ],
        },
      },
      {
        title: `Steps until ${level} nats, by learning rate (○: not within ${steps})`,
        data: { values: cells.map((cell) => reachedBy(cell, steps)) },
        facet,
        spec: {
          ...panel,
          encoding: {
            x: {
              field: 'rate',
              type: 'quantitative',
              title: 'learning rate',
              scale: { type: 'log', domain: [rates[0]! / 1.3, rates.at(-1)! * 1.3], nice: false },
              axis: { values: rates, format: '~g', labelOverlap: false },
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
                  scale: { domain: [0, steps * 1.2], nice: false },
                  axis: { values: Array.from({ length: steps / 50 + 1 }, (_, i) => 50 * i) },
                },
                y2: { field: 'most' },
              },
            },
            { mark: { type: 'line', strokeWidth: 1.5, opacity: 0.6 }, encoding: median },
            ...[true, false].map((never) => ({
              transform: [{ filter: `datum.never === ${never}` }],
              mark: { type: 'point', size: 60, filled: !never, opacity: 1 } as const,
              encoding: median,
            })),
          ],
        },
      },
    ],
  };
}

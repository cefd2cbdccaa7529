/** A comparison as a chart: a line a kind, median, in a band from the least to the most. */
import type { TopLevelSpec } from 'vega-lite';
import { colorScale } from './colors.js';
import type { Point } from './comparison.js';
import { spreadOf } from './spread.js';

export function comparisonChart(points: readonly Point[], title: string, axis: string): TopLevelSpec {
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const settings = [...new Set(points.map(({ setting }) => setting))];
  const x = {
    field: 'setting',
    type: 'ordinal',
    sort: settings,
    title: axis,
    axis: { labelAngle: 0 },
  } as const;
  return {
    title,
    width: 560,
    height: 260,
    data: { values: points.map(({ kind, setting, errors }) => ({ kind, setting, ...spreadOf(errors) })) },
    encoding: {
      x: { ...x, scale: { type: 'point', padding: 0.3 } },
      color: { field: 'kind', type: 'nominal', scale: colorScale(kinds), sort: kinds },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.14 },
        encoding: {
          y: {
            field: 'least',
            type: 'quantitative',
            title: 'test error',
            axis: { format: '%', tickCount: 5 },
            scale: { zero: true },
          },
          y2: { field: 'most' },
        },
      },
      {
        mark: { type: 'line', strokeWidth: 2.5, point: { size: 45, filled: true } },
        encoding: { y: { field: 'median', type: 'quantitative' } },
      },
    ],
  };
}

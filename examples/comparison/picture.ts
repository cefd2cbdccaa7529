/**
 * What shares a statistic, as a picture (SVG): each norm's `[N, C, L]` as a cube, cut where one statistic ends and the next
 * begins. Nothing but the measured sharing decides where the cuts are. It brings its own background, light or dark.
 */
import { oneFor, placeOf, type Sharing, takenOver } from './sharing.js';

type Point = readonly [n: number, c: number, l: number];

const cell = 21;
const gap = 9;
const panel = { width: 250, height: 364 };
const origin = { x: 125, y: 166 };

const style = `
  .card { fill: #ffffff; stroke: #d5dbe1 }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #57606a; text-anchor: middle }
  .name { font-size: 18px; font-weight: 600; fill: #1f2328 }
  .axis { font-size: 11px; letter-spacing: 0.02em }
  text.one { font-weight: 600; fill: #1565c0 }
  path { stroke: #8c97a3; stroke-width: 1; stroke-linejoin: round }
  .top { fill: #f3f5f7 } .left { fill: #e1e6eb } .right { fill: #d0d7de }
  .one path { stroke: #0b4a8f }
  .one .top { fill: #7cbcff } .one .left { fill: #3d94f0 } .one .right { fill: #2176d2 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0f141a; stroke: #343c46 }
    text { fill: #a3adb8 }
    .name { fill: #f0f3f6 }
    text.one { fill: #79baff }
    path { stroke: #6b7683 }
    .top { fill: #414b57 } .left { fill: #313a44 } .right { fill: #252c35 }
    .one path { stroke: #cfe6ff }
    .one .top { fill: #8cc4ff } .one .left { fill: #4a9df5 } .one .right { fill: #2b7fdc }
  }`;

const round = (x: number): number => Math.round(x * 10) / 10 + 0;

/** How far along each axis the k-th cell begins: a gap further for every cut before it. */
function layout({ shape, extent }: Sharing): ((place: Point) => Point) & { size: Point } {
  const along = (axis: number, k: number): number =>
    k * cell + gap * Math.floor((k - (k === shape[axis] ? 1 : 0)) / extent[axis]!);
  const at = ([n, c, l]: Point): Point => [along(0, n), along(1, c), along(2, l)];
  return Object.assign(at, { size: at(shape as unknown as Point) });
}

/** Onto the page: samples come forward to the left, channels to the right, positions go up; the cube is in the middle. */
function projection([n, c, l]: Point): (point: Point) => string {
  const flat = (p: Point): [number, number] => [(p[1] - p[0]) * 0.866, (p[0] + p[1]) * 0.5 - p[2]];
  const middle = flat([n / 2, c / 2, l / 2]);
  return (point) => {
    const [x, y] = flat(point);
    return `${round(origin.x + x - middle[0])} ${round(origin.y + y - middle[1])}`;
  };
}

/** The three faces that are seen, cell by cell. */
function drawBox(from: Point, size: Point, onto: (point: Point) => string): string {
  const faces: [name: string, steady: number, a: number, b: number][] = [
    ['left', 0, 1, 2],
    ['right', 1, 0, 2],
    ['top', 2, 0, 1],
  ];
  return faces
    .map(([name, steady, a, b]) => {
      let path = '';
      for (let i = 0; i < size[a]!; i++) {
        for (let j = 0; j < size[b]!; j++) {
          const corner = (di: number, dj: number): string => {
            const point = [...from] as [number, number, number];
            point[steady]! += size[steady]! * cell;
            point[a]! += (i + di) * cell;
            point[b]! += (j + dj) * cell;
            return onto(point);
          };
          path += `M${corner(0, 0)}L${corner(1, 0)}L${corner(1, 1)}L${corner(0, 1)}Z`;
        }
      }
      return `<path class="${name}" d="${path}"/>`;
    })
    .join('');
}

function drawCube(sharing: Sharing): string {
  const { shape, statistic, statistics, extent } = sharing;
  const begins = layout(sharing);
  const onto = projection(begins.size);
  const boxes = Array.from({ length: statistics }, (_, i) => placeOf(statistic.indexOf(i), shape));
  const depth = ([n, c, l]: Point): number => n + c + l;
  const nearest = Math.max(...boxes.map(depth));
  return boxes
    .sort((a, b) => depth(a) - depth(b)) // what is behind first
    .map((box) => {
      const drawn = drawBox(begins(box), extent as unknown as Point, onto);
      return `<g${depth(box) === nearest ? ' class="one"' : ''}>${drawn}</g>`;
    })
    .join('\n');
}

/** What the axes are, along the edges in front. */
function drawAxes(sharing: Sharing): string {
  const { size } = layout(sharing);
  const onto = projection(size);
  const [n, c, l] = size;
  const labels: [text: string, edge: Point, aside: string, turn: number][] = [
    ['channels C', [n, c / 2, 0], '-8 14', 30],
    ['samples N', [n / 2, c, 0], '8 14', -30],
    ['positions L', [n, 0, l / 2], '-9 0', -90],
  ];
  return labels
    .map(([text, edge, aside, turn]) => {
      const place = `translate(${onto(edge)}) translate(${aside}) rotate(${turn})`;
      return `<text class="axis" transform="${place}">${text}</text>`;
    })
    .join('\n');
}

/** The picture of one norm beside the other. */
export function pictureOf(norms: readonly { name: string; sharing: Sharing }[]): string {
  const width = norms.length * (panel.width + 12) - 12;
  const panels = norms.map(({ name, sharing }, i) => {
    const [n, c, l] = sharing.shape;
    const line = (y: number, text: string, kind = ''): string =>
      `<text${kind} x="${panel.width / 2}" y="${y}">${text}</text>`;
    return `<g transform="translate(${i * (panel.width + 12)} 0)">
<rect class="card" x="0.5" y="0.5" width="${panel.width - 1}" height="${panel.height - 1}" rx="10"/>
${line(34, `${name} norm`, ' class="name"')}
${drawCube(sharing)}
${drawAxes(sharing)}
${line(panel.height - 62, 'one statistic a')}
${line(panel.height - 42, oneFor(sharing), ' class="one"')}
${line(panel.height - 19, `over ${takenOver(sharing)}: ${(n! * c! * l!) / sharing.statistics} values each`)}
</g>`;
  });
  const [n, c, l] = norms[0]!.sharing.shape;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panel.height}" role="img">
<title>Which values share a mean and a variance</title>
<desc>A tensor of ${n} samples (N), ${c} channels (C) and ${l} positions (L), cut into the values that share a statistic: ${norms
    .map(({ name, sharing }) => `${name} norm, one a ${oneFor(sharing)}`)
    .join('; ')}. One statistic of each is coloured.</desc>
<style>${style}
</style>
${panels.join('\n')}
</svg>
`;
}

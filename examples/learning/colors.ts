/** The colour of each network, on white and on black. */
const colors: Record<string, string> = {
  plain: '#8b949e',
  'batch norm': '#e8702a',
  'group norm': '#2a9d8f',
  'renorm, r to 3': '#5b8def',
  'renorm, r to 100': '#a371f7',
};

/** The colours of the lines, as a scale of just these. */
export const colorScale = (kinds: readonly string[]) => ({
  domain: [...kinds],
  range: kinds.map((kind) => colors[kind]!),
});

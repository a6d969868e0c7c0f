/** The README's table of figures, from what `npm run bench` wrote. */

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

const cell = (text) => String(text ?? '').replaceAll('|', '\\|')
const figure = (value) => {
  if (typeof value !== 'number') return value
  return Number.isInteger(value) || value >= 1_000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/** Markdown of `results`, between the markers of `readme`. Throws if the markers are missing. */
export function withBenchTable(readme, results) {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin === -1 || end < begin) throw new Error('the README has no place for the table')
  const lines = [
    '| what | measured | baseline | target | met |',
    '| --- | --- | --- | --- | --- |',
    ...results.rows.map(
      ({ name, value, unit, baseline, target, met }) =>
        `| ${cell(name)} | ${figure(value)} ${cell(unit)} | ${cell(figure(baseline))} | ${cell(target)} | ${met === true ? 'yes' : met === false ? '**no**' : ''} |`,
    ),
    '',
    `Node ${results.node.replace(/^v/, '')}, ${results.cores} cores, ${results.cpu}.`,
  ]
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${lines.join('\n')}\n\n${readme.slice(end)}`
}

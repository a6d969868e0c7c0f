const text = (value) =>
  value === undefined || value === null ? '' : typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value)

/** One line for each row: name, value, baseline, target, verdict. */
export function printRows(rows) {
  for (const row of rows) {
    const verdict = row.met === undefined || row.met === null ? '' : row.met ? 'met' : 'MISSED'
    console.log([row.name, `${text(row.value)} ${row.unit}`.trim(), text(row.baseline), text(row.target), verdict].join(' | '))
  }
}

/** Selector view: whom a selector picks, and what it can ask for, for people. */
import type { FieldValues, SelectorPreview } from '@skerry/contract/deployments/selector-preview'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'

type View = { isWhyNot: boolean; style: Style }

/** The counts, then the devices that were asked for, group by group. */
export function previewText({ total, picked, refused, others }: SelectorPreview, { isWhyNot, style }: View): string {
  const isMore = (count: number, shown: number) => (count > shown ? [[style.dim(`and ${count - shown} more`)]] : [])
  const parts = [
    style.bold(`${picked.count} of ${countText(total, 'device')} picked`),
    tableOf(
      style,
      ['PICKED', 'SITE'],
      [...picked.devices.map(({ name, site }) => [name, site]), ...isMore(picked.count, picked.devices.length)],
      'no device is picked',
    ),
  ]
  if (refused.count > 0) {
    const rows = refused.devices.map(({ name, site, code, message }) => [name, site, `${code}: ${message}`])
    parts.push(
      tableOf(style, ['EXCLUDED', 'SITE', 'WHY'], [...rows, ...isMore(refused.count, refused.devices.length)], ''),
    )
  }
  if (others.count > 0) {
    const rows = others.conditions.map(({ condition, count }) => [count, condition])
    parts.push(tableOf(style, ['NOT PICKED', 'BECAUSE THIS IS FALSE'], rows, countText(others.count, 'device')))
  }
  if (isWhyNot && others.count > 0) {
    const rows = others.devices.flatMap(({ name, site, unmet }) =>
      unmet.map(({ condition, found, problem }) => [name, site, condition, problem ?? found]),
    )
    const more = isMore(others.count, others.devices.length)
    parts.push(tableOf(style, ['DEVICE', 'SITE', 'IS FALSE', 'THERE'], [...rows, ...more], 'no device with that name'))
  }
  return parts.join('\n\n')
}

/** More values than a line holds. */
const VALUES_SHOWN = 8

/** A field a line, with its most frequent values. */
export function valuesText(fields: readonly FieldValues[], style: Style): string {
  const rows = fields.map(({ field, key, values, omitted }) => {
    const shown = values.slice(0, VALUES_SHOWN).map(({ value, count }) => `${value} (${count})`)
    const more = values.length + omitted - shown.length
    return [nameOf(field, key), more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')]
  })
  return tableOf(style, ['FIELD', 'VALUES'], rows, 'no devices, so there are no values')
}

/** As a selector writes it. */
const nameOf = (field: string, key: string | undefined) => {
  if (key === undefined) return field
  return /^[a-z_]\w*$/.test(key) ? `${field}.${key}` : `${field}[${JSON.stringify(key)}]`
}

/** Source look view: the live state of a source on a device, as text. */
import type { GroupLook, SourceLook, TagLook } from '@skerry/contract/sources/source-look'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'
import { rateText } from '../flows/look-view.ts'
import { valueRow } from '../tags/tag-view.ts'

export function sourceLookText(look: SourceLook & { device: string }, style: Style): string {
  const { connection, cause } = look
  return [
    factsOf(style, [
      ['source', look.name],
      ['device', look.device],
      ['protocol', look.protocol],
      ['state', `${look.state}${cause === undefined ? '' : `: ${cause.message}`}`],
      ['since', instantText(look.sinceMs)],
      [
        'connected',
        `${countText(connection.connects, 'time')}, lost or failed ${countText(connection.troubles, 'time')}`,
      ],
      ['crashes', connection.crashes],
      ['values', `${rateText(connection.valuesPerSecond)} a second, ${connection.lost} lost`],
    ]),
    groupsTable(look.groups, style),
    tagsTable(look.tags, style),
  ].join('\n\n')
}

const groupsTable = (groups: readonly GroupLook[], style: Style): string =>
  tableOf(
    style,
    ['GROUP', 'EVERY', 'TAGS', 'ROUNDS', 'SKIPPED', 'TOOK', 'REPORTED', 'UNCHANGED', 'GOOD', 'UNCERTAIN', 'BAD'],
    groups.map(({ name, everyMs, tags, rounds, overruns, lastRoundMs, told, untold, good, uncertain, bad }) => [
      name,
      `${everyMs} ms`,
      tags,
      rounds,
      overruns,
      `${lastRoundMs.toFixed(1)} ms`,
      told,
      untold,
      good,
      uncertain,
      bad,
    ]),
    'it has not started',
  )

const tagsTable = (tags: readonly TagLook[], style: Style): string =>
  tableOf(
    style,
    ['TAG', 'VALUE', 'UNIT', 'QUALITY', 'WHY', 'GROUP', 'REPORTED', 'BAD'],
    tags.map((tag) => [...newest(tag), tag.group, tag.told, tag.bad]),
    'no tags',
  )

function newest({ name, value, unit, omitted }: TagLook): string[] {
  if (!value) return [name, '', '', '', 'no values yet']
  const [tag = name, content = '', ...rest] = valueRow(value, new Map(unit === undefined ? [] : [[name, unit]]))
  return [tag, omitted === undefined ? content : `${content} … ${omitted} more`, ...rest]
}

/** System kind: a release with its parts, in their order. */
import type { SystemVersionDetail } from '@skerry/contract/models/model'
import type { SystemRelease } from '@skerry/contract/systems/system-release'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import type { KindRow } from '../kind-row.ts'

/** The parts of a release in the order of their installation. */
export const partsTable = ({ parts }: Pick<SystemRelease, 'parts'>, style: Style): string =>
  tableOf(
    style,
    ['STEP', 'PART', 'KIND', 'SIZE'],
    parts.map(({ name, version, kind, sizeBytes }, index) => [
      String(index + 1),
      `${name}:${version}`,
      kind,
      sizeText(sizeBytes),
    ]),
    '',
  )

export const systemKind: KindRow<SystemVersionDetail> = {
  noun: 'a system',
  showCommand: 'system show',
  commands: {
    group: 'Systems: several versions that devices install in an order and return as a whole',
    list: { name: 'system ls', summary: 'List systems', examples: ['skerry system ls'] },
    show: {
      name: 'system show',
      summary: 'Show the releases of a system, or the parts of one release',
      examples: ['skerry system show line', 'skerry system show line:2'],
    },
  },
  none: 'no systems yet; push a release with "skerry system push"',
  devices: 'runs on',
  description: ({ system }) => system.description,
  facts: ({ system: { parts } }) => [['parts', parts.length]],
  table: ({ system }, style) => partsTable(system, style),
  noInputs: 'which answers no requests; its models do',
}

/** System kind: a release with its parts, in their order. */
import type { SystemVersionDetail } from '@skerry/contract/models/model'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import type { KindRow } from '../kind-row.ts'

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
  table: ({ system: { parts } }, style) =>
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
    ),
  noInputs: 'which answers no requests; its models do',
}

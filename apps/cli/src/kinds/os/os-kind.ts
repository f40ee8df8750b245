/** OS kind: an image of an operating system, with its parts. */
import type { OsVersionDetail } from '@skerry/contract/models/model'
import type { SwuImage } from '@skerry/contract/os/os-image'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import type { KindRow } from '../kind-row.ts'

export const osKind: KindRow<OsVersionDetail> = {
  noun: 'an image of an operating system',
  showCommand: 'os show',
  commands: {
    group: 'Operating systems: signed images that devices install as a whole',
    list: { name: 'os ls', summary: 'List operating systems', examples: ['skerry os ls'] },
    show: {
      name: 'os show',
      summary: 'Show the pushed images of an operating system, or the parts of one',
      examples: ['skerry os show gateway-os', 'skerry os show gateway-os:2'],
    },
  },
  none: 'no operating systems yet; push an image with "skerry os push"',
  devices: 'runs on',
  description: ({ os }) => os.description,
  facts: ({ os }) => (os.format === 'swupdate' ? imageFacts(os) : [['packages', os.version]]),
  table: ({ os }, style) =>
    os.format === 'swupdate'
      ? tableOf(
          style,
          ['PART', 'SIZE'],
          os.parts.map(({ name, sizeBytes }) => [name, sizeText(sizeBytes)]),
          '',
        )
      : tableOf(
          style,
          ['PACKAGE', 'VERSION'],
          os.packages.map(({ name, version }) => [name, version]),
          '',
        ),
  noInputs: 'which answers no requests',
}

const imageFacts = ({ version, hardware }: SwuImage): [string, string][] => [
  ['image', version],
  ['hardware', hardware.length === 0 ? 'any' : hardware.join(', ')],
]

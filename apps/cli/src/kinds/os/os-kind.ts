/** OS kind: an image of an operating system, with its parts. */
import type { OsVersionDetail } from '@skerry/contract/models/model'
import type { OsImage } from '@skerry/contract/os/os-image'
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
  facts: ({ os }) => factsOf(os),
  table({ os }, style) {
    const rows = rowsOf(os)
    return rows ? tableOf(style, rows.headers, rows.rows, '') : ''
  },
  noInputs: 'which answers no requests',
}

function factsOf(os: OsImage): [string, string][] {
  switch (os.format) {
    case 'swupdate':
      return [
        ['image', os.version],
        ['hardware', os.hardware.length === 0 ? 'any' : os.hardware.join(', ')],
      ]
    case 'debian':
      return [['packages', os.version]]
    case 'rauc':
      return [
        ['bundle', os.version],
        ['compatible', os.compatible],
      ]
  }
}

/** The hub does not look into a bundle of RAUC. */
function rowsOf(os: OsImage): { headers: string[]; rows: string[][] } | undefined {
  switch (os.format) {
    case 'swupdate':
      return { headers: ['PART', 'SIZE'], rows: os.parts.map(({ name, sizeBytes }) => [name, sizeText(sizeBytes)]) }
    case 'debian':
      return { headers: ['PACKAGE', 'VERSION'], rows: os.packages.map(({ name, version }) => [name, version]) }
    case 'rauc':
      return undefined
  }
}

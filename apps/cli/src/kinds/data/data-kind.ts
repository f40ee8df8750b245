/** Data kind: the description of reference files. */
import type { DataVersionDetail } from '@skerry/contract/models/model'
import type { KindRow } from '../kind-row.ts'

export const dataKind: KindRow<DataVersionDetail> = {
  noun: 'data',
  showCommand: 'data show',
  commands: {
    group: 'Data: reference files that devices keep as a whole',
    list: { name: 'data ls', summary: 'List data', examples: ['skerry data ls'] },
    show: {
      name: 'data show',
      summary: 'Show data with their versions, or the files of one version',
      examples: ['skerry data show limits', 'skerry data show limits:2'],
    },
  },
  none: 'no data yet; push a folder with "skerry data push"',
  devices: 'lie on',
  description: ({ data }) => data.description,
  noInputs: 'which answer no requests',
}

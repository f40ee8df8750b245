/** Note kind: the text of a note. */
import type { VersionDetail } from '@skerry/contract/models/model'
import type { KindRow } from '../kind-row.ts'

export const noteKind: KindRow<Extract<VersionDetail, { kind: 'note' }>> = {
  noun: 'a note',
  showCommand: 'note show',
  commands: {
    group: 'Notes: texts that devices store',
    list: { name: 'note ls', summary: 'List notes', examples: ['skerry note ls'] },
    show: { name: 'note show', summary: 'Show a note', examples: ['skerry note show welcome:1'] },
  },
  none: 'no notes yet',
  devices: 'lies on',
  facts: ({ note }) => [['text', note.text]],
}

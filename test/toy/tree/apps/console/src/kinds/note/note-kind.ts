/** Note kind: the text of a note, among the facts of its version page. */

import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

export const noteKind: KindRow<DetailOf<'note'>> = {
  noun: 'note',
  facts: ({ note }) => [['Text', note.text]],
}

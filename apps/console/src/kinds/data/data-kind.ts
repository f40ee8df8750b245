/** Data kind: the description of reference files, among the facts of their version page. */
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.data

export const dataKind: KindRow<DetailOf<'data'>> = {
  noun: words.noun,
  untried: words.untried,
  facts: ({ data }) => (data.description === undefined ? [] : [[words.description, data.description]]),
}

/** Lineage view: what a version was made from, and how much was made from it. */
import type { Lineage, LineageView } from '@skerry/contract/deployments/lineage'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'

/** Both ways; empty where nothing is known. */
export function lineageText({ lineage, descendantCount }: VersionDetail, style: Style): string {
  const derived = descendantCount === 0 ? '' : `descendants: ${countText(descendantCount, 'version')}`
  return [...(lineage ? [originText(lineage, style)] : []), derived].filter((part) => part !== '').join('\n')
}

/** What it was made from. The hub has checked the parents only. */
export function originText(lineage: Lineage | LineageView, style: Style): string {
  const { parents, source, dataset, tool, createdBy, notes } = lineage
  return factsOf(style, [
    ['made from', parents.map(parentText).join(', ')],
    ['source', [source?.uri, source?.commit].filter((part) => part !== undefined).join(' at ')],
    ['dataset', [dataset?.uri, dataset?.digest].filter((part) => part !== undefined).join(' ')],
    ['tool', tool],
    ['made by', createdBy],
    ['notes', notes],
  ])
}

const parentText = (parent: Lineage['parents'][number] | LineageView['parents'][number]) =>
  `${parent.model}:${parent.version}${'isRemoved' in parent && parent.isRemoved ? ' (removed)' : ''}`

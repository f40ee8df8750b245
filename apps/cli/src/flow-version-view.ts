/** Flow version view: one version of a flow: what it reads, what it does in which order, and where it tells. */
import type { FlowVersionDetail } from '@skerry/contract/model'
import { flowNeeds } from '@skerry/core/flow-needs'
import { graphTable } from './flow-view.ts'
import type { Style } from './style.ts'
import { factsOf } from './table.ts'
import { countText, instantText, labelsText, sizeText } from './words.ts'

/** What stands above the files. */
export function flowVersionText(detail: FlowVersionDetail, style: Style): string {
  const { flow } = detail
  const needs = flowNeeds(flow)
  const facts = factsOf(style, [
    ['flow', `${detail.model}:${detail.version}`],
    ['description', flow.description],
    ['aliases', detail.aliases.map((alias) => `@${alias}`).join(' ')],
    ['labels', labelsText(detail.labels)],
    ['digest', detail.digest],
    ['size', sizeText(detail.sizeBytes)],
    ['needs models', needs.models.join(', ')],
    ['needs sources', needs.sources.join(', ')],
    ['needs sinks', needs.sinks.join(', ')],
    ['golden outputs', detail.goldenCases === 0 ? 'none: devices cannot try it first' : detail.goldenCases],
    ['signed by', detail.bundle.verificationMaterial.publicKey.hint],
    ['runs on', countText(detail.servingCount, 'device')],
    ['pushed', `${instantText(detail.createdAtMs)} by ${detail.createdBy}`],
  ])
  return `${facts}\n\n${graphTable(style, flow)}`
}

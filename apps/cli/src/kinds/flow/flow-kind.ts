/** Flow kind: a flow's version with the parts of its graph, and the names that it needs on a device. */
import type { FlowVersionDetail } from '@skerry/contract/models/model'
import { flowNeeds } from '@skerry/core/flow/flow-needs'
import { flowSources } from '@skerry/core/flow/source-selector'
import { graphTable } from '../../commands/flows/flow-view.ts'
import type { KindRow } from '../kind-row.ts'

export const flowKind: KindRow<FlowVersionDetail> = {
  noun: 'a flow',
  showCommand: 'flow show',
  none: 'no flows yet; push one with "skerry flow push"',
  devices: 'runs on',
  description: ({ flow }) => flow.description,
  facts({ flow, goldenCases }) {
    const { models, sources, sinks } = flowNeeds(flow)
    return [
      ['needs models', models.join(', ')],
      ['needs sources', sources.join(', ')],
      ['needs sinks', sinks.join(', ')],
      ['golden outputs', goldenCases === 0 ? 'none: devices cannot test it first' : goldenCases],
    ]
  },
  table: ({ flow }, style) => graphTable(style, flow),
  sources: ({ flow }) => flowSources(flow),
  noInputs: 'which reads its inputs itself',
}

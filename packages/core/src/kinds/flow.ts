/** The rules of core for flows. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import { flowHold } from '../device/flow-hold.ts'
import { flowNeeds } from '../flow/flow-needs.ts'
import { flowData } from '../places/data-class.ts'
import type { KindRules } from './kind-rules.ts'

/** A flow has a thread of its own; the settings of a deployment apply only to its crashes. */
const OWN_THREAD = Serving.parse({})

export const flowRules: KindRules<'flow'> = {
  specOf: ({ serving: { onCrash } }) => ({ onCrash }),
  deploymentProblem({ strategy: { shadow }, config }) {
    if (config) return 'a flow has no settings; deploy it without config'
    return shadow && 'a flow acts on equipment, so it cannot be a shadow; deploy it without a shadow, or in waves'
  },
  dataRoute: (flow) => ({ data: flowData(flow), models: flowNeeds(flow).models }),
  serving: ({ onCrash }) => ({ ...OWN_THREAD, onCrash }),
  shadow: () => undefined,
  capable: { yes: 'it runs flows', no: 'the agent of the device is too old to run flows; update it' },
  fit: () => passed('a flow needs no opset'),
  // A flow that is loaded before its models would only find them missing.
  rank: 1,
  hold: flowHold,
  // The end of its thread ends nothing else, so it needs no process.
  afterCrashes: 'starts again',
}

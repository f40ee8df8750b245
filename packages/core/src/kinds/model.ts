/** The rules of core for models. */
import type { Serving, ShadowSpec } from '@skerry/contract/models/serving'
import type { Scaling } from '@skerry/contract/scaling/scaling'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

export const modelRules: KindRules<'model'> = {
  specOf({ serving, strategy: { shadow }, placement }) {
    return { serving: measured(serving, placement?.scaling), ...(shadow && { shadow: rulesOfShadow(shadow) }) }
  },
  deploymentProblem: ({ config }) => config && 'a model has no settings; deploy it without config',
  serving: ({ serving }) => serving,
  shadow: ({ shadow }) => shadow,
  capable: { yes: 'it runs ONNX models', no: 'the device does not run ONNX models' },
  fit({ opset }, inventory) {
    if (!inventory) return passed('the opset of the device is not known yet')
    const detail = `the model needs opset ${opset}, the device loads up to ${inventory.opsetMax}`
    if (inventory.opsetMax >= opset) return passed(detail)
    return { code: 'model_opset_unsupported', detail: `${detail}; update its agent or export with an older opset` }
  },
  rank: 0,
  hold: () => undefined,
  afterCrashes: 'runs in a process of its own',
}

/** Devices measure the load by which the hub scales their number, although the number of their workers is fixed. */
function measured(serving: Serving, scaling: Scaling | undefined): Serving {
  if (serving.scaling || !scaling) return serving
  const { target, windowSeconds, panic } = scaling
  const { instances } = serving
  return {
    ...serving,
    scaling: { min: instances, max: instances, target, windowSeconds, panic, cooldownSeconds: 0 },
  }
}

/** Whether the version is promoted afterwards is the hub's matter: it holds the item. */
function rulesOfShadow({ promote: _, ...rules }: ShadowSpec) {
  return rules
}

/** Inspects pushed flows: the hub reads and checks them, but does not run them. */
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { problem, throwProblem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { readFlow } from './read-flow.ts'

const FLOW_PATHS: ReadonlySet<string> = new Set([FLOW_PATH, RECORDING_PATH, GOLDEN_PATH])

export const flowInspector: Inspector<'flow'> = {
  plural: 'flows',
  // The hub runs no flow.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    const other = files.find(({ path }) => !FLOW_PATHS.has(path))
    if (other)
      throw problem('input_invalid', `a flow has no ${other.path}; its files are ${[...FLOW_PATHS].join(', ')}`)
    if (golden) throw problem('input_invalid', `golden inputs are for models; for a flow, push ${RECORDING_PATH}`)
    if (files.length === 2)
      throw problem('input_invalid', `${RECORDING_PATH} and ${GOLDEN_PATH} belong together; push both`)
  },
  async inspect({ staged, request }) {
    const read = await readFlow(staged.folder, request.name)
    if (!read.ok) throwProblem(read)
    return { summary: read.flow, golden: undefined, goldenCases: read.goldenOutputs }
  },
  detail: (common, flow) => ({ ...common, kind: 'flow', flow }),
  opset: () => 0,
}

/**
 * Flow driver: flows are threads of the runner. A flow waits until the device has the models, sources and sinks that it
 * names.
 */
import { Flow } from '@skerry/contract/flows/flow'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import { flowNeeds } from '@skerry/core/flow/flow-needs'
import { flowData } from '@skerry/core/places/data-class'
import { readSource } from '@skerry/inference/runtime/model-source'
import type { Driver } from '../driver.ts'
import { lackOf, type RunnerDriverDeps, runnerDriver } from '../runner-driver.ts'

export const openFlowDriver = (deps: RunnerDriverDeps): Driver => {
  const { runner, files } = deps
  return {
    ...runnerDriver('flow', deps),
    needs: (item) =>
      files.withFile(item, FLOW_PATH, async (file) => {
        const parsed = Flow.safeParse(JSON.parse(Buffer.from(readSource(file)).toString('utf8')))
        return parsed.success ? { ...flowNeeds(parsed.data), data: flowData(parsed.data) } : undefined
      }),
    load: async (item, isolation) =>
      lackOf(FLOW_PATH, item) ??
      files.withFile(item, FLOW_PATH, (file) => runner.load(item, { kind: 'flow', files: file }, isolation)),
  }
}

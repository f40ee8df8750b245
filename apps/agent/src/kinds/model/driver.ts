/** Model driver: models are threads or processes of the runner, with onnxruntime in them. */
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { needsOwnFiles } from '@skerry/inference/runtime/hard-links'
import type { ModelSource } from '@skerry/inference/runtime/model-source'
import type { Driver } from '../driver.ts'
import { lackOf, type RunnerDriverDeps, runnerDriver } from '../runner-driver.ts'

export const openModelDriver = (deps: RunnerDriverDeps): Driver => {
  const { runner, files } = deps
  return {
    ...runnerDriver('model', deps),
    async load(item, isolation) {
      const lack = lackOf(MODEL_PATH, item)
      if (lack) return lack
      const loadFrom = (source: ModelSource) => runner.load(item, { kind: 'model', files: source }, isolation)
      const answer = await files.withModel(item, loadFrom)
      return needsOwnFiles(answer) ? files.withOwnFiles(item, loadFrom) : answer
    },
    mirror: (item, rules) => files.withGolden(item, (golden) => runner.mirror(item, rules, golden?.golden)),
    announce: runner.expect,
  }
}

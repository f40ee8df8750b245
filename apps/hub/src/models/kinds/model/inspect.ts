/** Inspects pushed models: a thread parses the file, and a process runs its golden inputs. */
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { needsOwnFiles } from '@skerry/inference/runtime/hard-links'
import { runGoldenInputs } from '@skerry/inference/seat/golden-trial'
import { problem, throwProblem } from '../../../http/problem.ts'
import { inspectModel } from '../../inspect-model.ts'
import { sbomOf } from '../../version-sbom.ts'
import type { Inspector } from '../inspector.ts'

/** [protobuf.dev, encoding] The maximum size of a protobuf message; further weights go into external data. */
const MODEL_BYTES_MAX = 2 ** 31 - 1

export const modelInspector: Inspector<'model'> = {
  plural: 'models',
  goldenSource: 'hub',
  checkPaths({ files }) {
    if (files.some(({ path }) => path === GOLDEN_PATH)) {
      throw problem('input_invalid', `only the hub writes ${GOLDEN_PATH}; send golden inputs`)
    }
  },
  async inspect({ staged, files, request, memoryBytes }, signal) {
    const model = files.find(({ path }) => path === MODEL_PATH)
    if (!model || model.sizeBytes > MODEL_BYTES_MAX) {
      throw problem(
        'model_not_onnx',
        `${MODEL_PATH} is over 2 GB, which no ONNX file can be; keep its weights as external data`,
      )
    }
    const beside = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]))
    const inspected = await inspectModel({ path: staged.modelPath, files: beside }, signal)
    if (!inspected.ok) throwProblem(inspected)
    const trial = { modelPath: staged.modelPath, inputs: request.golden, memoryBytes }
    let tried = await runGoldenInputs(trial, signal)
    if (needsOwnFiles(tried)) {
      await staged.ownFiles()
      tried = await runGoldenInputs(trial, signal)
    }
    if (!tried.ok) throwProblem(tried)
    const { golden, source } = tried
    return { summary: inspected.value, golden, goldenCases: golden?.cases.length ?? 0, goldenSource: source }
  },
  detail: (common, summary) => ({ ...common, kind: 'model', summary }),
  sbom: (common, summary, hubVersion) => sbomOf({ ...common, kind: 'model', summary }, hubVersion),
  // A model that uses no operator of the default domain runs on every runtime.
  opset: ({ opsets }) => opsets.find(({ domain }) => domain === 'ai.onnx')?.version ?? 0,
}

/** Model kind: the tensors and operators of a model's version, and the differences of two versions. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { diffVersions } from '@skerry/core/models/model-diff'
import { diffText } from '../../commands/models/compare/diff-view.ts'
import { outputsJson } from '../../commands/models/compare/output-diff-view.ts'
import { expectedOutputs } from '../../commands/models/pushed/expected-outputs.ts'
import { tensorTable } from '../../program/terminal/tensor-table.ts'
import type { KindRow } from '../kind-row.ts'

export const modelKind: KindRow<ModelVersionDetail> = {
  noun: 'a model',
  showCommand: 'model show',
  none: 'no models yet; push one with "skerry model push"',
  devices: 'serves on',
  facts: ({ summary, goldenCases, goldenSource }) => [
    ['parameters', summary.parameterCount.toLocaleString('en')],
    ['producer', summary.producer],
    ['opsets', summary.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')],
    ['operators', summary.operators.map(({ name, count }) => (count > 1 ? `${name} × ${count}` : name)).join(', ')],
    ['golden cases', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
    ['expected outputs', goldenSource && expectedOutputs[goldenSource]],
  ],
  table: ({ summary }, style) => tensorTable(style, summary),
  inputs: ({ summary }) => summary.inputs,
  diff(from, to, evidence) {
    const diff = diffVersions(from, to)
    const names = { model: to.name, from: from.version, to: to.version }
    const outputValues = outputsJson(evidence.outputs)
    return {
      json: { ...names, ...diff, ...(outputValues && { outputValues }), use: evidence.use },
      text: (style) => diffText({ ...names, diff, evidence }, style),
    }
  },
}

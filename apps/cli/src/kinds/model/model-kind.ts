/** Model kind: the tensors and operators of a model's version, and the differences of two versions. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { diffVersions, shapeText } from '@skerry/core/models/model-diff'
import { diffText } from '../../commands/models/diff-view.ts'
import { tableOf } from '../../program/terminal/table.ts'
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
    ['expected outputs', goldenSource && SOURCES[goldenSource]],
  ],
  table: ({ summary: { inputs, outputs } }, style) =>
    tableOf(
      style,
      ['TENSOR', 'NAME', 'TYPE', 'SHAPE'],
      [...tensorRows('input', inputs), ...tensorRows('output', outputs)],
      '',
    ),
  inputs: ({ summary }) => summary.inputs,
  diff(from, to) {
    const diff = diffVersions(from, to)
    const names = { model: to.name, from: from.version, to: to.version }
    return { json: { ...names, ...diff }, text: (style) => diffText({ ...names, diff }, style) }
  },
}

const SOURCES = {
  hub: "the hub's own answers to the golden inputs",
  pushed: 'given with the push; the hub agreed with them',
  mixed: "some given with the push, the others the hub's own answers",
}

const tensorRows = (part: string, tensors: readonly TensorSpec[]) =>
  tensors.map(({ name, datatype, shape }) => [part, name, datatype, shapeText(shape)])

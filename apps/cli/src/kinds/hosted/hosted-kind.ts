/** Hosted kind: the runtime, the tensors and the golden cases of a model with files of another engine. */
import type { HostedVersionDetail } from '@skerry/contract/models/model'
import { tensorTable } from '../../program/terminal/tensor-table.ts'
import type { KindRow } from '../kind-row.ts'

export const hostedKind: KindRow<HostedVersionDetail> = {
  noun: 'a hosted model',
  showCommand: 'model show',
  none: 'no hosted models yet; push files of another engine with "skerry model push FILE --runtime APP"',
  devices: 'serves on',
  description: ({ hosted }) => `a model whose files the app ${hosted.runtime.app} loads`,
  facts: ({ hosted: { runtime }, goldenCases }) => [
    ['runtime app', runtime.version === undefined ? runtime.app : `${runtime.app}:${runtime.version}`],
    ['golden cases', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
  ],
  table: ({ hosted }, style) => tensorTable(style, hosted),
  inputs: ({ hosted }) => hosted.inputs,
}

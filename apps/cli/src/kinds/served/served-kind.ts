/** Served kind: the app, the tensors and the golden cases of a served model. */
import type { ServedVersionDetail } from '@skerry/contract/models/model'
import { tensorTable } from '../../program/terminal/tensor-table.ts'
import type { KindRow } from '../kind-row.ts'

export const servedKind: KindRow<ServedVersionDetail> = {
  noun: 'a served model',
  showCommand: 'model show',
  none: 'no served models yet; push a served.json with "skerry model push"',
  devices: 'serves on',
  description: ({ served }) => `a model that the app ${served.app} answers for`,
  facts: ({ served, goldenCases }) => [
    ['app', served.app],
    ['model in the app', served.model],
    ['golden cases', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
  ],
  table: ({ served }, style) => tensorTable(style, served),
  inputs: ({ served }) => served.inputs,
}

/** Upload fields: what somebody typed about a version, made into the request of a push, or what is wrong with each field. */

import { OriginUri, PARENTS_MAX } from '@skerry/contract/deployments/lineage'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { type LineageSpec, PushRequest, VersionReference } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { devicePageTexts } from '../../device/english-device-page.ts'
import { parseLabels } from '../../device/label-lines.ts'
import { uploadTexts } from './english-upload.ts'

const FIELDS = [
  'model',
  'aliases',
  'labels',
  'absolute',
  'relative',
  'parents',
  'source',
  'commit',
  'dataset',
  'datasetDigest',
  'tool',
  'createdBy',
  'notes',
] as const
export type UploadField =
  | 'model'
  | 'aliases'
  | 'labels'
  | 'absolute'
  | 'relative'
  | 'parents'
  | 'source'
  | 'commit'
  | 'dataset'
  | 'datasetDigest'
  | 'tool'
  | 'createdBy'
  | 'notes'
export type UploadFields = Readonly<Record<UploadField, string>>
export type FieldErrors = Partial<Record<UploadField, string>>

/** Nothing typed yet. */
export const emptyFields = (model: string): UploadFields => ({
  ...(Object.fromEntries(FIELDS.map((name) => [name, ''])) as UploadFields),
  model,
})

export type FieldsResult = { ok: true; request: Omit<PushRequest, 'files'> } | { ok: false; errors: FieldErrors }

/** The request without its files, or what is wrong. */
export function requestOf(fields: UploadFields, golden: GoldenInputs | undefined): FieldsResult {
  const errors: FieldErrors = {}
  const model = fitting(PushRequest.shape.model, fields.model.trim(), (message) => {
    errors.model = message
  })
  const aliases = wordsOf(fields.aliases).map((word) => word.replace(/^@/, ''))
  const wrongAlias = aliases.map((alias) => Name.safeParse(alias).error?.issues[0]?.message).find((message) => message)
  if (wrongAlias !== undefined) errors.aliases = wrongAlias
  const labels = parseLabels(fields.labels)
  if (!labels.ok) errors.labels = devicePageTexts.labelInvalid(labels.line)
  const tolerance = toleranceOf(fields, errors)
  const lineage = lineageOf(fields, errors)
  if (Object.keys(errors).length > 0 || model === undefined || !labels.ok) return { ok: false, errors }
  return {
    ok: true,
    request: {
      model,
      aliases: [...new Set(aliases)],
      labels: labels.labels,
      ...(golden && { golden: { ...golden, ...(tolerance && { tolerance }) } }),
      ...(lineage && { lineage }),
    },
  }
}

type Schema<T> = {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } }
}

function fitting<T>(schema: Schema<T>, text: string, refuse: (message: string) => void): T | undefined {
  const parsed = schema.safeParse(text)
  if (parsed.success) return parsed.data
  refuse(parsed.error.issues[0]?.message ?? '')
  return undefined
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

function toleranceOf({ absolute, relative }: UploadFields, errors: FieldErrors) {
  const numbers = { absolute: numberOf(absolute), relative: numberOf(relative) }
  for (const [name, number] of Object.entries(numbers) as ['absolute' | 'relative', number][]) {
    if (Number.isNaN(number)) errors[name] = uploadTexts.badNumber
  }
  return absolute.trim() === '' && relative.trim() === '' ? undefined : numbers
}

function numberOf(text: string): number {
  const number = Number(text.trim().replace(',', '.') || 0)
  return Number.isFinite(number) && number >= 0 ? number : Number.NaN
}

function lineageOf(fields: UploadFields, errors: FieldErrors): LineageSpec | undefined {
  const given = (name: UploadField) => fields[name].trim()
  const uri = (name: 'source' | 'dataset') =>
    given(name) === ''
      ? undefined
      : fitting(OriginUri, given(name), (message) => {
          errors[name] = message
        })
  const source = uri('source')
  const dataset = uri('dataset')
  if (given('commit') !== '' && given('source') === '') errors.commit = uploadTexts.needsSource
  if (given('datasetDigest') !== '' && given('dataset') === '') errors.datasetDigest = uploadTexts.needsDataset
  const digest =
    given('datasetDigest') === ''
      ? undefined
      : fitting(Digest, given('datasetDigest'), (message) => {
          errors.datasetDigest ??= message
        })
  const lineage: LineageSpec = {
    parents: parentsOf(fields.parents, errors),
    ...(source !== undefined && {
      source: { uri: source, ...(given('commit') !== '' && { commit: given('commit') }) },
    }),
    ...(dataset !== undefined && { dataset: { uri: dataset, ...(digest !== undefined && { digest }) } }),
    ...(given('tool') !== '' && { tool: given('tool') }),
    ...(given('createdBy') !== '' && { createdBy: given('createdBy') }),
    ...(given('notes') !== '' && { notes: given('notes') }),
  }
  return lineage.parents.length === 0 && Object.keys(lineage).length === 1 ? undefined : lineage
}

function parentsOf(text: string, errors: FieldErrors): LineageSpec['parents'] {
  const lines = wordsOf(text)
  const parents = lines.map((line) => {
    const [, model = '', number, alias] = /^([^:@]*)(?::(.*)|(@.*))?$/.exec(line) ?? []
    const name = Name.safeParse(model)
    const version = VersionReference.safeParse(number ?? alias)
    if (!name.success || !version.success) errors.parents ??= uploadTexts.badParent(line)
    return { model: name.data ?? '', version: version.data ?? '' }
  })
  if (parents.length > PARENTS_MAX) errors.parents ??= uploadTexts.badParent(lines[PARENTS_MAX] ?? '')
  return parents
}

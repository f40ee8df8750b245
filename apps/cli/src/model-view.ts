/** Model view: a model with its versions, and one version with what it takes, gives and is made of. */
import type { Model, ModelVersionDetail, Version, VersionDetail } from '@skerry/contract/model'
import type { TensorSpec } from '@skerry/contract/tensor'
import { shapeText } from '@skerry/core/model-diff'
import { flowVersionText } from './flow-version-view.ts'
import { lineageText } from './lineage-view.ts'
import type { Style } from './style.ts'
import { factsOf, tableOf } from './table.ts'
import { countText, digestText, instantText, labelsText, sizeText } from './words.ts'

/** Models and flows, one a line. */
export const modelsTable = (models: readonly Model[], style: Style, none: string): string =>
  tableOf(
    style,
    ['NAME', 'KIND', 'VERSIONS', 'LATEST', 'ALIASES', 'CREATED'],
    models.map(({ name, kind, versionCount, latestVersion, aliases, createdAtMs }) => [
      ...[name, kind, versionCount, latestVersion],
      Object.entries(aliases)
        .map(([alias, version]) => `@${alias} → ${version}`)
        .join(', '),
      instantText(createdAtMs),
    ]),
    none,
  )

/** A model and its newest versions. */
export function modelText({ model, versions }: { model: Model; versions: readonly Version[] }, style: Style): string {
  const rows = versions.map((version) => [
    version.version,
    version.aliases.map((alias) => `@${alias}`).join(' '),
    digestText(version.digest),
    sizeText(version.sizeBytes),
    version.goldenCases,
    labelsText(version.labels),
    instantText(version.createdAtMs),
    version.createdBy,
  ])
  const heads = ['VERSION', 'ALIASES', 'DIGEST', 'SIZE', 'GOLDEN', 'LABELS', 'CREATED', 'BY']
  const more =
    model.versionCount > versions.length ? `\n${model.versionCount - versions.length} older ones are not shown` : ''
  return `${style.bold(model.name)}, ${countText(model.versionCount, 'version')}\n\n${tableOf(style, heads, rows, 'no versions')}${more}`
}

/** One version, whole. */
export function versionText(detail: VersionDetail, style: Style): string {
  const about = detail.kind === 'flow' ? flowVersionText(detail, style) : modelVersionText(detail, style)
  const files = tableOf(
    style,
    ['FILE', 'SIZE', 'DIGEST'],
    detail.files.map(({ path, sizeBytes, digest }) => [path, sizeText(sizeBytes), digestText(digest)]),
    '',
  )
  const lineage = lineageText(detail, style)
  return [about, files, ...(lineage === '' ? [] : [lineage])].join('\n\n')
}

function modelVersionText(detail: ModelVersionDetail, style: Style): string {
  const { summary } = detail
  const facts = factsOf(style, [
    ['model', `${detail.model}:${detail.version}`],
    ['aliases', detail.aliases.map((alias) => `@${alias}`).join(' ')],
    ['labels', labelsText(detail.labels)],
    ['digest', detail.digest],
    ['size', sizeText(detail.sizeBytes)],
    ['parameters', summary.parameterCount.toLocaleString('en')],
    ['producer', summary.producer],
    ['opsets', summary.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')],
    ['operators', summary.operators.map(({ name, count }) => (count > 1 ? `${name} × ${count}` : name)).join(', ')],
    ['golden cases', detail.goldenCases === 0 ? 'none: devices cannot compare their answers' : detail.goldenCases],
    ['signed by', detail.bundle.verificationMaterial.publicKey.hint],
    ['serves on', countText(detail.servingCount, 'device')],
    ['pushed', `${instantText(detail.createdAtMs)} by ${detail.createdBy}`],
  ])
  const tensors = tableOf(
    style,
    ['TENSOR', 'NAME', 'TYPE', 'SHAPE'],
    [...rowsOf('input', summary.inputs), ...rowsOf('output', summary.outputs)],
    '',
  )
  return `${facts}\n\n${tensors}`
}

const rowsOf = (kind: string, tensors: readonly TensorSpec[]) =>
  tensors.map(({ name, datatype, shape }) => [kind, name, datatype, shapeText(shape)])

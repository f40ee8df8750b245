/** Model view: a model with its versions, and one version with its inputs, outputs and files. */
import type { Model, Version, VersionDetail } from '@skerry/contract/models/model'
import { runningOnWords, versionCountWords } from '@skerry/core/rollouts/views/version-words'
import type { KindRow } from '../../kinds/kind-row.ts'
import { kindRow } from '../../kinds/kinds.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, digestText, instantText, labelsText, sizeText } from '../../program/terminal/words.ts'
import { reportsTable } from '../checks/report-text.ts'
import { lineageText } from './lineage-view.ts'

/** Models and flows, one a line. */
export const modelsTable = (models: readonly Model[], style: Style, none: string): string =>
  tableOf(
    style,
    ['NAME', 'KIND', 'VERSIONS', 'LATEST', 'RUNNING', 'ALIASES', 'CREATED'],
    models.map(({ name, kind, versionCount, latestVersion, running, aliases, createdAtMs }) => [
      name,
      kind,
      versionCount,
      latestVersion,
      running && runningText(running),
      Object.entries(aliases)
        .map(([alias, version]) => `@${alias} → ${version}`)
        .join(', '),
      instantText(createdAtMs),
    ]),
    none,
  )

const runningText = (running: NonNullable<Model['running']>) =>
  running.length === 0 ? 'nowhere' : versionCountWords({ versions: running, none: 0 })

/** A model and its newest versions. */
export function modelText(
  { deployable, versions }: { deployable: Model; versions: readonly Version[] },
  style: Style,
): string {
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
    deployable.versionCount > versions.length
      ? `\n${deployable.versionCount - versions.length} older ones are not shown`
      : ''
  return `${style.bold(deployable.name)}, ${countText(deployable.versionCount, 'version')}\n\n${tableOf(style, heads, rows, 'no versions')}${more}`
}

export const versionText = (detail: VersionDetail, style: Style): string =>
  versionTextOf(kindRow(detail.kind), detail, style)

/** One version, with the parts that the row of its kind has. */
export function versionTextOf(row: KindRow, detail: VersionDetail, style: Style): string {
  const files = tableOf(
    style,
    ['FILE', 'SIZE', 'DIGEST'],
    detail.files.map(({ path, sizeBytes, digest }) => [path, sizeText(sizeBytes), digestText(digest)]),
    '',
  )
  const tests = detail.tests ? reportsTable(detail.tests, style, '') : ''
  const parts = [factsText(row, detail, style), row.table?.(detail, style), files, lineageText(detail, style), tests]
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

const factsText = (row: KindRow, detail: VersionDetail, style: Style): string =>
  factsOf(style, [
    [detail.kind, `${detail.name}:${detail.version}`],
    ['description', row.description?.(detail)],
    ['aliases', detail.aliases.map((alias) => `@${alias}`).join(' ')],
    ['labels', labelsText(detail.labels)],
    ['digest', detail.digest],
    ['size', sizeText(detail.sizeBytes)],
    ...(row.facts?.(detail) ?? []),
    ['signed by', detail.bundle.verificationMaterial.publicKey.hint],
    [row.devices, runningOnWords({ devices: detail.servingCount, silent: detail.servingSilent })],
    ['pushed', `${instantText(detail.createdAtMs)} by ${detail.createdBy}`],
  ])

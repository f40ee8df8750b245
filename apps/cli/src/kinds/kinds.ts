/** Kinds: the table of the kinds in the CLI, and its look-ups. No other file of the CLI may branch on a kind. */
import type { ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Model, VersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { DiffEvidence } from '../commands/models/compare/diff-evidence.ts'
import { exitCodes, Failure, wrongUsage } from '../program/failure.ts'
import { agentKind } from './agent/agent-kind.ts'
import { appKind } from './app/app-kind.ts'
import { chatKind } from './chat/chat-kind.ts'
import { dataKind } from './data/data-kind.ts'
import { flowKind } from './flow/flow-kind.ts'
import { ggufKind } from './gguf/gguf-kind.ts'
import { hostedKind } from './hosted/hosted-kind.ts'
import type { KindRow, VersionDiff } from './kind-row.ts'
import { modelKind } from './model/model-kind.ts'
import { osKind } from './os/os-kind.ts'
import { servedKind } from './served/served-kind.ts'
import { systemKind } from './system/system-kind.ts'

/** A kind without a row does not compile. */
type KindRows = { readonly [Kind in VersionKind]: KindRow<Extract<VersionDetail, { kind: Kind }>> }

export const kindRows: KindRows = {
  model: modelKind,
  flow: flowKind,
  app: appKind,
  agent: agentKind,
  os: osKind,
  gguf: ggufKind,
  served: servedKind,
  chat: chatKind,
  data: dataKind,
  system: systemKind,
  hosted: hostedKind,
}

/** A row takes details of its own kind only: the caller passes a detail of `kind`. */
export const kindRow = (kind: VersionKind): KindRow => kindRows[kind]

/** Rejects a name that belongs to another kind, and names the command that shows it. */
export function expectKind({ name, kind }: Model, expected: VersionKind): void {
  if (kind === expected) return
  const { noun, showCommand } = kindRow(kind)
  throw wrongUsage(`${name} is ${noun}`, `"skerry ${showCommand} ${name}" shows it`)
}

/** The inputs of a version that answers requests. */
export function requestInputs(detail: VersionDetail): readonly TensorSpec[] {
  const { inputs, noun, noInputs = 'which answers no requests' } = kindRow(detail.kind)
  if (inputs) return inputs(detail)
  throw wrongUsage(`${detail.name} is ${noun}, ${noInputs}`, 'ask a model')
}

/** The settings that a deployment of the version can choose; undefined if it has none. */
export const settingsSchema = (detail: VersionDetail): ConfigSchema | undefined =>
  kindRow(detail.kind).settings?.(detail)

/** The sources that a device must have for the version; none for most kinds. */
export const neededSources = (detail: VersionDetail): readonly string[] => kindRow(detail.kind).sources?.(detail) ?? []

/** Compares two versions of one name, which have one kind. Rejects a kind without a comparison at once. */
export function diffOf(from: VersionDetail, to: VersionDetail): (evidence: DiffEvidence) => VersionDiff {
  const { diff, noun, showCommand } = kindRow(to.kind)
  if (diff) return (evidence) => diff(from, to, evidence)
  throw new Failure({
    code: 'version_not_model',
    message: `${to.name} is ${noun}`,
    next: `"skerry ${showCommand} ${to.name}:${to.version}" shows one version of it`,
    exitCode: exitCodes.failed,
  })
}

/** Kinds: the table of the kinds in the console, and its look-ups. No other file of the console may branch on a kind. */
import type { Model, VersionDetail, VersionKind } from '@skerry/contract/model'
import { kindTexts } from '../texts/english-kinds.ts'
import { flowKind } from './flow/flow-kind.ts'
import type { KindRow } from './kind-row.ts'
import { modelKind } from './model/model-kind.ts'

export type DetailOf<Kind extends VersionKind> = Extract<VersionDetail, { kind: Kind }>

/** A kind without a row does not compile. */
export const kindRows: { readonly [Kind in VersionKind]: KindRow<DetailOf<Kind>> } = {
  model: modelKind,
  flow: flowKind,
}

/** A row takes details of its own kind only: the caller passes a detail of `kind`. */
export const kindRow = (kind: VersionKind): KindRow => kindRows[kind]

/** The reason why this kind has no compare page or playground. */
export const refusalOf = (kind: VersionKind): string => kindRow(kind).refusal ?? kindTexts.noPart

/** The detail for a page that belongs to one kind; undefined for a version of another kind. */
export const detailOf = <Kind extends VersionKind>(
  kind: Kind,
  version: VersionDetail | undefined,
): DetailOf<Kind> | undefined => (version?.kind === kind ? (version as DetailOf<Kind>) : undefined)

/** The names for a page that belongs to one kind. */
export const modelsOf = (kind: VersionKind, models: readonly Model[]): Model[] =>
  models.filter((model) => model.kind === kind)

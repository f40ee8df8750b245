/** Kind filter: the versions and names of one kind, for the pages that belong to that kind. */
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Model, VersionDetail } from '@skerry/contract/models/model'

export type DetailOf<Kind extends VersionKind> = Extract<VersionDetail, { kind: Kind }>

/** The detail for a page that belongs to one kind; undefined for a version of another kind. */
export const detailOf = <Kind extends VersionKind>(
  kind: Kind,
  version: VersionDetail | undefined,
): DetailOf<Kind> | undefined => (version?.kind === kind ? (version as DetailOf<Kind>) : undefined)

/** The names for a page that belongs to one kind. */
export const modelsOf = (kind: VersionKind, models: readonly Model[]): Model[] =>
  models.filter((model) => model.kind === kind)

/** The items of a device that are of one kind. */
export const itemsOf = <Item extends { kind: VersionKind }>(kind: VersionKind, items: readonly Item[]): Item[] =>
  items.filter((item) => item.kind === kind)

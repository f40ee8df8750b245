/** Judge feed: whether the hub fetches the model of a feed again. */

export type FeedFacts = {
  /** The state of the place; undefined if its server does not state one. */
  revision: string | undefined
  /** The version that the feed pushed last; undefined if there is none. */
  imported: { revision?: string | undefined; atMs: number } | undefined
  /** When a person last changed the feed. */
  changedAtMs: number
}

/** The same revision is the same model, unless the feed itself has changed since, such as in its aliases. */
export function isFetched({ revision, imported, changedAtMs }: FeedFacts): boolean {
  if (imported === undefined || imported.atMs < changedAtMs) return true
  return revision === undefined || revision !== imported.revision
}

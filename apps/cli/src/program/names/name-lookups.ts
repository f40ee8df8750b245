/** Name lookups: how the names of each kind of thing are read from the hub, for completion and for near names. */
import type { SkerryClient } from '@skerry/client/client'

/** More names than a person reads. A longer list costs the hub more, and each letter narrows it. */
const NAMES_MAX = 100

type Named = Promise<{ rows: readonly { name: string }[] }>
export type Lookup = { client: SkerryClient; prefix: string; signal: AbortSignal }

/** The names of each kind of argument. The hub finds devices by their first letters, because a fleet has many. */
export const LOOKUPS: Readonly<Record<string, (lookup: Lookup) => Named>> = {
  device: ({ client, prefix, signal }) =>
    client.device.list({ limit: NAMES_MAX, ...(prefix !== '' && { filter: `name:${prefix}` }) }, { signal }),
  site: ({ client, signal }) => client.site.list({ limit: NAMES_MAX }, { signal }),
  model: ({ client, signal }) => client.model.list({ limit: NAMES_MAX }, { signal }),
  deployment: ({ client, signal }) => client.deployment.list({ limit: NAMES_MAX }, { signal }),
  group: ({ client, signal }) => client.group.list({ limit: NAMES_MAX }, { signal }),
  'git-source': ({ client, signal }) => client.gitSource.list({}, { signal }),
  'model-feed': ({ client, signal }) => client.modelFeed.list({}, { signal }),
  // `--to group:pumps`: the groups are the only selectors with names.
  selector: ({ client, signal }) =>
    client.group
      .list({ limit: NAMES_MAX }, { signal })
      .then(({ rows }) => ({ rows: rows.map(({ name }) => ({ name: `group:${name}` })) })),
  route: ({ client, signal }) => client.route.list({ limit: NAMES_MAX }, { signal }),
  role: ({ client, signal }) => client.role.list({}, { signal }),
}

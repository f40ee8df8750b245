/** Readiness: whether the hub can do its work, as it says itself at /readyz. */
import { queryOptions } from '@tanstack/react-query'
import * as z from 'zod'

const Readiness = z.object({ ready: z.boolean(), problems: z.array(z.string()) })

/** Asked each time it is looked at: no level tells of a full disk. */
export const readiness = () =>
  queryOptions({
    queryKey: ['readiness'],
    queryFn: async ({ signal }) => Readiness.parse(await (await fetch('/readyz', { signal })).json()),
    staleTime: 0,
  })

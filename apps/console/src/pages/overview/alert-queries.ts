/** Alert queries: what needs a person now. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import { useRefusal } from '../../hub/permission.ts'

/** What no level tells of: a certificate or a key that ends, a disk that fills. None of them is in a hurry. */
const LOOK_AGAIN_MS = 5 * 60_000

/** Asked again when a level rises that an alert is derived from (live-updates.ts). */
const alertQuery = () =>
  queryOptions({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => hub.hub.alerts({}, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  })

/** Alerts, or why they are not for whoever looks: they are about the whole organisation. */
export function useAlerts() {
  const refusal = useRefusal('fleet.read', 'hub.alerts')
  return { ...useQuery({ ...alertQuery(), enabled: refusal === undefined }), refusal }
}

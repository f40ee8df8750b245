/** Alert queries: the current conditions that need a person. */
import { nextAlertAtMs } from '@skerry/core/alerts/quiet-words'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import { useRefusal } from '../../hub/permission.ts'

/** Some alerts have no level: an expiring certificate or key, or a disk that fills up. None of them is urgent. */
const LOOK_AGAIN_MS = 5 * 60_000

/** A trouble becomes an alert by time alone, without a change of a level. */
const LOOK_SOON_MS = 1_000

/** Fetched again when a level rises that an alert is derived from (live-updates.ts). */
const alertQuery = () =>
  queryOptions({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => hub.hub.alerts({}, { signal }),
    refetchInterval: ({ state: { data } }) => {
      const atMs = data && nextAlertAtMs(data)
      return atMs === undefined ? LOOK_AGAIN_MS : Math.min(LOOK_AGAIN_MS, Math.max(LOOK_SOON_MS, atMs - Date.now()))
    },
  })

/** Returns the alerts, or the reason why this person cannot see them: they cover the whole organisation. */
export function useAlerts() {
  const refusal = useRefusal('fleet.read', 'hub.alerts')
  return { ...useQuery({ ...alertQuery(), enabled: refusal === undefined }), refusal }
}

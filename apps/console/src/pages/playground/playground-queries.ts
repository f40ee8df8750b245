/** Playground queries: the devices that can answer, and the reasons why others cannot. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** Devices that cannot answer are listed to give the reason. A filter finds the rest. */
const OTHERS_SHOWN = 20

/** Devices whose name contains the words, with any models. */
export const otherDevices = (words: string) =>
  queryOptions({
    queryKey: ['devices', 'playground', words],
    queryFn: ({ signal }) => {
      // [CEL, string literals] Escapes as in JSON.
      const selector = words === '' ? undefined : `device.name.contains(${JSON.stringify(words)})`
      return hub.device.list({ limit: OTHERS_SHOWN, ...(selector !== undefined && { selector }) }, { signal })
    },
    placeholderData: keepPreviousData,
    retry: false,
  })

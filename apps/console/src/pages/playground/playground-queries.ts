/** Playground queries: which devices might be asked, and why others cannot be. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** Those that cannot be asked are there to say why; a filter finds the rest. */
const OTHERS_SHOWN = 20

/** Devices whose name holds the words, whatever they serve. */
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

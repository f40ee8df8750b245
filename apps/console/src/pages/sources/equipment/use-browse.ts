/** Use browse: the tree of the equipment of a source, asked of the device level by level, one question at a time. */
import { problemOf } from '@skerry/client/problem'
import { Name } from '@skerry/contract/values/names'
import { useCallback, useEffect, useRef, useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { grown, type Level, type Levels, ROOT } from './browse-rows.ts'

type Place = { device: string; source: string }
type Asked = { key: string; path: string; after?: string | undefined }
export type Ask = (asked: Asked) => void

/** The top is asked for at once. Mount it anew for another place. */
export function useBrowse({ device, source }: Place) {
  const [levels, setLevels] = useState<Levels>(new Map())
  const [heardAtMs, setHeardAtMs] = useState<number>()
  const line = useRef<Promise<void>>(Promise.resolve())
  const leaving = useRef(new AbortController())
  const put = useCallback(
    (key: string, change: (before: Level | undefined) => Level) =>
      setLevels((before) => new Map([...before, [key, change(before.get(key))]])),
    [],
  )
  const ask = useCallback(
    ({ key, path, after }: Asked) => {
      const { signal } = leaving.current
      put(key, (before) => ({ ...(before ?? UNKNOWN), path, state: 'waiting' }))
      const step = async () => {
        if (signal.aborted) return
        const wish = { device, source: Name.parse(source), path, ...(after !== undefined && { after }) }
        try {
          const { entries, omittedCount, next } = await hub.source.browse(wish, { signal })
          if (signal.aborted) return
          put(key, (before) => grown(before, { path, entries, omittedCount, next }))
          setHeardAtMs(Date.now())
        } catch (error) {
          if (signal.aborted) return
          const failed = problemOf(error)
          put(key, (before) => ({ ...(before ?? UNKNOWN), path, state: { failed } }))
        }
      }
      // A device answers few at once, and a person reads one level at a time.
      line.current = line.current.then(step)
    },
    [device, source, put],
  )
  useEffect(() => {
    leaving.current = new AbortController()
    ask({ key: ROOT, path: '' })
    return () => leaving.current.abort()
  }, [ask])
  return { levels, heardAtMs, ask }
}

const UNKNOWN: Level = { path: '', entries: [], omittedCount: 0, next: undefined, state: 'waiting' }

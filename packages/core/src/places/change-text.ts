/** Change text: reads a change of the world that a person tries out. */
import { WhatIf } from '@skerry/contract/places/placement'

export type ChangeParse = { ok: true; change: WhatIf } | { ok: false; message: string }

const FORMS = 'site NAME down, device NAME down, residency EU,CH, data confidential, replicas 4'

/** Reads words such as `site lyon down` or `residency EU`. */
export function parseChange(text: string): ChangeParse {
  const [noun = '', name = '', state, ...more] = text.trim().split(/\s+/)
  const read = more.length === 0 ? draftOf(noun, name, state) : undefined
  const change = WhatIf.safeParse(read)
  return change.success ? { ok: true, change: change.data } : { ok: false, message: `must be one of: ${FORMS}` }
}

function draftOf(noun: string, name: string, state: string | undefined): object | undefined {
  if (state !== undefined && state !== 'down') return undefined
  if (state === 'down') {
    if (noun === 'site') return { siteDown: name }
    return noun === 'device' ? { deviceDown: name } : undefined
  }
  if (noun === 'residency') return { residency: name.split(',') }
  if (noun === 'data') return { dataClass: name }
  if (noun === 'replicas') return { replicas: /^\d+$/.test(name) ? Number(name) : name }
  return undefined
}

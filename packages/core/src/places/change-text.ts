/** Change text: reads a change of the world that a person tries out. */
import { WhatIf } from '@skerry/contract/places/placement'

export type ChangeParse = { ok: true; change: WhatIf } | { ok: false; message: string }

/** The forms, for messages and help. */
export const CHANGE_FORMS =
  'site NAME down, device NAME down, load x2, add 3 devices at NAME, residency EU,CH, data confidential, replicas 4'

/** Reads words such as `site lyon down` or `residency EU`. */
export function parseChange(text: string): ChangeParse {
  const words = text.trim().split(/\s+/)
  const [noun = '', name = '', state, ...more] = words
  const read = moreDevices(words) ?? (more.length === 0 ? draftOf(noun, name, state) : undefined)
  const change = WhatIf.safeParse(read)
  return change.success ? { ok: true, change: change.data } : { ok: false, message: `must be one of: ${CHANGE_FORMS}` }
}

/** `add 3 devices at lyon` */
function moreDevices([verb, count = '', noun = '', at, site, ...more]: readonly string[]): object | undefined {
  if (verb !== 'add' || !/^devices?$/.test(noun) || at !== 'at' || more.length > 0) return undefined
  return { addDevices: Number(count), site }
}

function draftOf(noun: string, name: string, state: string | undefined): object | undefined {
  if (state !== undefined && state !== 'down') return undefined
  if (state === 'down') {
    if (noun === 'site') return { siteDown: name }
    return noun === 'device' ? { deviceDown: name } : undefined
  }
  if (noun === 'residency') return { residency: name.split(',') }
  if (noun === 'load') return { load: /^x\d+(\.\d+)?$/.test(name) ? Number(name.slice(1)) : name }
  if (noun === 'data') return { dataClass: name }
  if (noun === 'replicas') return { replicas: /^\d+$/.test(name) ? Number(name) : name }
  return undefined
}

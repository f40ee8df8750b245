/** Change text: reads a change of the world that a person tries out. */
import { WhatIf } from '@skerry/contract/places/placement'

export type ChangeParse = { ok: true; change: WhatIf } | { ok: false; message: string }

/** The forms, for messages and help. */
export const CHANGE_FORMS =
  'site NAME down, device NAME down, load x2, add 3 devices at NAME, add 3 devices class x64-vnni, residency EU,CH, class confidential, site NAME clearance confidential, site NAME country FR, replicas 4'

/** Reads words such as `site lyon down` or `residency EU`. */
export function parseChange(text: string): ChangeParse {
  const words = text.trim().split(/\s+/)
  const [noun = '', name = '', state, ...more] = words
  const read = moreDevices(words) ?? otherSite(words) ?? (more.length === 0 ? draftOf(noun, name, state) : undefined)
  const change = WhatIf.safeParse(read)
  return change.success ? { ok: true, change: change.data } : { ok: false, message: `must be one of: ${CHANGE_FORMS}` }
}

/** `add 3 devices at lyon`, `add 3 devices class x64-vnni` */
function moreDevices([verb, count = '', noun = '', by, name, ...more]: readonly string[]): object | undefined {
  if (verb !== 'add' || !/^devices?$/.test(noun) || more.length > 0) return undefined
  if (by === 'class') return { addDevices: Number(count), hardwareClass: name }
  return by === 'at' ? { addDevices: Number(count), site: name } : undefined
}

/** `site lyon clearance confidential`, `site lyon country FR` */
function otherSite([noun, ofSite, fact, value, ...more]: readonly string[]): object | undefined {
  if (noun !== 'site' || more.length > 0) return undefined
  if (fact === 'clearance') return { ofSite, clearance: value }
  return fact === 'country' ? { ofSite, country: value } : undefined
}

function draftOf(noun: string, name: string, state: string | undefined): object | undefined {
  if (state === 'down') return { site: { siteDown: name }, device: { deviceDown: name } }[noun]
  return state === undefined && Object.hasOwn(POLICY_CHANGES, noun) ? POLICY_CHANGES[noun]?.(name) : undefined
}

/** A value that cannot be read is rejected by the schema. */
const POLICY_CHANGES: Readonly<Record<string, (value: string) => object>> = {
  residency: (value) => ({ residency: value.split(',') }),
  load: (value) => ({ load: /^x\d+(\.\d+)?$/.test(value) ? Number(value.slice(1)) : value }),
  class: (value) => ({ dataClass: value }),
  /** The form before `class`. */
  data: (value) => ({ dataClass: value }),
  replicas: (value) => ({ replicas: /^\d+$/.test(value) ? Number(value) : value }),
}

/** Entity tags of the hub: the present state of each kind of object, as its view shows it. */
import type { Entity } from '@skerry/contract/api/procedure'
import type { TagQuestion } from '../nouns/noun.ts'

/**
 * The tag of the object of a procedure; undefined if there is no such object. The input may not have been parsed yet.
 */
export function entityTagOf(entity: Entity, { input, ...asked }: Omit<TagQuestion, 'named'> & { input: unknown }) {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const named = (parameter: string) => {
    const text = String(values.get(parameter) ?? '')
    return NAMED.test(text) ? text : ''
  }
  return asked.hub.nouns.entityTags[entity]({ ...asked, named })
}

/** Names, ids, scopes and references to versions, without characters that a database rejects. */
const NAMED = /^[\w@:-]{1,80}$/

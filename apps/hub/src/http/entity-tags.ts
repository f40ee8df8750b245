/** Entity tags of the hub: the state that each kind of object is in now, as its view has it. */
import type { Entity } from '@skerry/contract/api/procedure'
import type { TagQuestion } from '../nouns/noun.ts'

/** The tag of what a procedure is about; undefined where there is no such object. The input has not been parsed where it is asked early. */
export function entityTagOf(entity: Entity, { input, ...asked }: Omit<TagQuestion, 'named'> & { input: unknown }) {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const named = (parameter: string) => {
    const text = String(values.get(parameter) ?? '')
    return NAMED.test(text) ? text : ''
  }
  return asked.hub.nouns.entityTags[entity]({ ...asked, named })
}

/** Names, ids, scopes and references to versions, and nothing that a database would choke on. */
const NAMED = /^[\w@:-]{1,80}$/

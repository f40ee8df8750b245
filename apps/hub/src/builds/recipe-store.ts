/** Recipe store: the recipes of many builds by one query, for lists that name a build beside its version. */
import type { Recipe } from '@skerry/contract/builds/build'
import type { BuildId } from '@skerry/contract/values/ids'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'

/** The field with the recipe of a build; empty for the version itself, and for a build that was removed. */
export async function recipesOf(
  db: Db,
  ids: readonly (BuildId | null | undefined)[],
): Promise<(id: BuildId | null | undefined) => { recipe?: Recipe }> {
  const known = [...new Set(ids.filter((id) => id !== null && id !== undefined))]
  if (known.length === 0) return () => ({})
  const rows = await db.selectFrom('builds').select(['id', 'recipe']).where('id', 'in', padded(known)).execute()
  const recipes = new Map(rows.map(({ id, recipe }) => [id, recipe]))
  return (id) => {
    const recipe = id ? recipes.get(id) : undefined
    return recipe === undefined ? {} : { recipe }
  }
}

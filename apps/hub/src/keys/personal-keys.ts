/** Personal keys: what changes of a person changes them at once, on all hubs. */
import type { OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { KeyRow } from './key-store.ts'

/** Whether the role needs a second factor now, and the key was made without. */
export const lacksFactor = ({
  user_id,
  is_multi_factor,
  role,
  second_factor_for,
}: Pick<KeyRow, 'user_id' | 'is_multi_factor' | 'role' | 'second_factor_for'>): boolean =>
  user_id !== null && is_multi_factor === 0 && !!second_factor_for && fromJson(second_factor_for).includes(role)

/** Whoever remembers the keys of the person, or of all people of the organisation, looks them up again. */
export async function forgetKeys(
  { store, bus }: Pick<Hub, 'store' | 'bus'>,
  { organisationId, userId }: { organisationId: OrganisationId; userId?: UserId | undefined },
): Promise<void> {
  const rows = await store.db
    .selectFrom('keys')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .$if(userId !== undefined, (select) => select.where('user_id', '=', userId ?? ('' as never)))
    .where('user_id', 'is not', null)
    .execute()
  for (const { id } of rows) bus.publish('key.changed', id)
}

/** Unlink provider: from then on it signs in somebody else, or nobody. A person always keeps one way in. */
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { recordAccount, tellRecorded } from '../people/account-change.ts'
import { countPasskeys } from '../people/factors/passkey-store.ts'
import { endOtherSessionsBy } from '../people/user-session-store.ts'
import { provedPersonOf } from '../people/way-in.ts'
import type { Tx } from '../store/store.ts'
import { linkedProviders, providerIdOf, unlink } from './provider-account-store.ts'

export const unlinkHandlers = {
  unlinkProvider: openOs.account.unlinkProvider.handler(async ({ context, input: { provider: id } }) => {
    const who = await provedPersonOf(context)
    const { hub } = context
    const provider = hub.people.providerNames.find((each) => each.id === id)
    if (!provider) throw problem('provider_unknown')
    await hub.store.transaction(async (tx) => {
      const ways = await linkedProviders(tx, who.user_id)
      const own = providerIdOf(provider.issuer)
      if (!ways.includes(own)) throw problem('provider_unknown', 'your account does not have this provider')
      if (!(await hasOtherWay(tx, who, ways, own))) throw problem('sign_in_last')
      await unlink(tx, who.user_id, provider.issuer)
      await endOtherSessionsBy(tx, who.user_id, { method: `provider:${id}`, except: who.id })
      await recordAccount(context, tx, who, { action: 'account.unlinkProvider', detail: { provider: id } })
    })
    tellRecorded(context)
    return {}
  }),
}

/** A password, a passkey, or another provider. */
const hasOtherWay = async (
  tx: Tx,
  { user_id }: { user_id: Parameters<typeof countPasskeys>[1] },
  ways: readonly string[],
  own: string,
): Promise<boolean> => ways.some((way) => way !== own) || (await countPasskeys(tx, user_id)) > 0

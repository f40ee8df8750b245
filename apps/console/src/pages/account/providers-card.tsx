/** Providers card: with which providers of the hub I can sign in; added and taken away here. Nothing where the hub has none. */
import type { Account, Provider } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { connectTexts } from '../sign-in/english-connect.ts'
import { keepNext } from '../sign-in/next-page.ts'
import { Refusal } from '../sign-in/refusal.tsx'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { passkeyTexts } from './english-passkeys.ts'
import { SignInAgain } from './sign-in-again.tsx'

const words = connectTexts.own

export function ProvidersCard({ account: { providers: own, isBound } }: { account: Account }) {
  const { data } = useQuery(peopleQueries.providers())
  if (!data || data.length === 0) return null
  return (
    <Card title={words.title}>
      <p className="text-sm text-soft">{words.lead}</p>
      <ul className="mt-3 flex flex-col divide-y divide-line">
        {data.map((provider) => (
          <ProviderRow key={provider.id} provider={provider} isOwn={own.includes(provider.id)} isBound={isBound} />
        ))}
      </ul>
    </Card>
  )
}

type Row = { provider: Provider; isOwn: boolean; isBound: boolean }

function ProviderRow({ provider: { id, label }, isOwn, isBound }: Row) {
  const attempt = useAttempt(async () => {
    if (isOwn) {
      await hub.account.unlinkProvider({ provider: id })
      toast('good', words.removed(label))
      return
    }
    const { url } = await hub.account.beginProvider({ provider: id, purpose: 'link' })
    keepNext('/account')
    window.location.assign(url)
  })
  const busy = attempt.isBusy ? words.busy : undefined
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 py-2 text-sm">
      <span className="min-w-0 wrap-anywhere">
        {label}
        <span className="ml-2 text-soft">{isOwn ? words.on : words.off}</span>
      </span>
      <Button
        isSmall
        look={isOwn ? 'danger' : 'plain'}
        aria-label={isOwn ? words.remove(label) : words.add(label)}
        blocked={isBound ? passkeyTexts.sessionBound : busy}
        onClick={() => void attempt.go()}
      >
        {isOwn ? words.removeShort : words.addShort}
      </Button>
      {attempt.problem !== undefined && (
        <div className="flex w-full flex-wrap items-center justify-between gap-2">
          <Refusal attempt={attempt} named={{ session_stale: passkeyTexts.stale }} />
          {attempt.problem.code === 'session_stale' && <SignInAgain />}
        </div>
      )}
    </li>
  )
}

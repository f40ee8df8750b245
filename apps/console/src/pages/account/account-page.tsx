/** My account: my identity, my password, my second factor, and my open sessions. */
import type { Account } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Empty } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { accountTexts } from './english-account.ts'
import { FactorCard } from './factor-card.tsx'
import { OwnKeysCard } from './own-keys-card.tsx'
import { OwnSessionsCard } from './own-sessions-card.tsx'
import { PasskeysCard } from './passkeys-card.tsx'
import { PasswordCard } from './password-card.tsx'
import { ProvidersCard } from './providers-card.tsx'

/** The page at /account. A key has no account, so the page does not fetch one. */
export function AccountPage() {
  const { data: me } = useQuery(queries.me())
  const { data, error, refetch } = useQuery({ ...peopleQueries.account(), enabled: me?.kind === 'user' })
  return (
    <Page title={accountTexts.title}>
      {me?.kind === 'key' && (
        <Card>
          <Empty icon={KeyRound} title={accountTexts.keyTitle} hint={accountTexts.keyHint(me.name)} />
        </Card>
      )}
      {me?.kind !== 'key' && !data && <WaitingCard error={error} retry={refetch} rows={6} />}
      {data && <OwnAccount account={data} />}
    </Page>
  )
}

const OwnAccount = ({ account }: { account: Account }) => (
  <>
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Card title={accountTexts.you.title}>
          <Facts
            rows={[
              [accountTexts.you.name, account.name],
              [accountTexts.you.email, account.email],
              [accountTexts.you.organisation, account.organisation],
              [accountTexts.you.role, account.role],
            ]}
          />
        </Card>
        <FactorCard account={account} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <PasswordCard account={account} />
        <ProvidersCard account={account} />
      </div>
    </div>
    <PasskeysCard account={account} />
    <OwnKeysCard />
    <OwnSessionsCard />
  </>
)

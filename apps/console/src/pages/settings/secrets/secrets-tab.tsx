/** Secrets: which there are, for whom and how old; set, given new values and removed from here. No page shows a value. */
import type { Secret } from '@skerry/contract/secrets/secret'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useRefusal } from '../../../hub/permission.ts'
import { secretsTexts as words } from './english-secrets.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { secretQueries } from './secret-queries.ts'

type Asked = { act: 'create' } | { act: 'rotate' | 'remove'; secret: Secret }

/** The tab. */
export function SecretsTab() {
  const refusal = useRefusal('secret.read', 'secret.list')
  return refusal === undefined ? <Secrets /> : <Hidden reason={refusal} />
}

function Secrets() {
  const { data, error, refetch } = useQuery(secretQueries.list())
  const [asked, setAsked] = useState<Asked>()
  const onClose = () => setAsked(undefined)
  const create = (
    <GuardedButton isSmall permission="secret.write" onClick={() => setAsked({ act: 'create' })}>
      {words.create}
    </GuardedButton>
  )
  const { columns } = words
  return (
    <div className="overflow-y-auto">
      <Card title={words.title} aside={create} isFlush>
        <p className="border-b border-line px-4 py-2 text-xs text-soft">{words.lead}</p>
        {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
        {data?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
        {data && data.length > 0 && (
          <PlainTable
            label={words.title}
            headers={[columns.name, columns.scope, columns.version, columns.bytes, columns.set, columns.acts]}
            rows={sorted(data).map((secret) => ({ key: secret.id, cells: cellsOf(secret, setAsked) }))}
          />
        )}
      </Card>
      {asked?.act === 'create' && <SecretDialog onClose={onClose} />}
      {asked?.act === 'rotate' && <SecretDialog secret={asked.secret} onClose={onClose} />}
      {asked?.act === 'remove' && <Removal secret={asked.secret} onClose={onClose} />}
    </div>
  )
}

const sorted = (secrets: readonly Secret[]) =>
  secrets.toSorted((a, b) => `${a.name} ${a.scope}`.localeCompare(`${b.name} ${b.scope}`))

function cellsOf(secret: Secret, ask: (asked: Asked) => void) {
  const { name, scope, version, sizeBytes, updatedAtMs, updatedBy } = secret
  const place = words.scope(scope)
  return [
    <code key="name" className="font-mono text-xs">
      {name}
    </code>,
    place,
    version,
    sizeBytes,
    <span key="set" className="text-soft">
      <Instant ms={updatedAtMs} /> {words.by(updatedBy)}
    </span>,
    <span key="acts" className="inline-flex gap-1.5">
      <GuardedButton
        isSmall
        permission="secret.write"
        aria-label={words.rotateLabel(name, place)}
        onClick={() => ask({ act: 'rotate', secret })}
      >
        {words.rotate}
      </GuardedButton>
      <GuardedButton
        isSmall
        look="danger"
        permission="secret.write"
        aria-label={words.removeLabel(name, place)}
        onClick={() => ask({ act: 'remove', secret })}
      >
        {words.remove}
      </GuardedButton>
    </span>,
  ]
}

const Removal = ({ secret: { id, name }, onClose }: { secret: Secret; onClose: () => void }) => (
  <Confirmation
    title={words.removeTitle(name)}
    lead={words.removeLead}
    verb={words.remove}
    isDanger
    typedName={name}
    run={() => hub.secret.remove({ secret: id })}
    done={words.removed(name)}
    onClose={onClose}
  />
)

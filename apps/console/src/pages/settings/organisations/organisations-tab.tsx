/** Organisations: those of the hub, for its operators: made, bounded, disabled, enabled and removed from here. Of what they have nothing shows. */
import type { Tenant } from '@skerry/contract/people/organisation'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { organisationsTexts as words } from './english-organisations.ts'
import { organisationQueries } from './organisation-queries.ts'
import { wordsOfUse } from './organisation-use.ts'
import { OwnerDialog } from './owner-dialog.tsx'
import { QuotaDialog } from './quota-dialog.tsx'

type Act = 'invite' | 'quota' | 'disable' | 'enable' | 'remove'
type Asked = { act: 'create' } | { act: Act; tenant: Tenant }

/** The tab. */
export function OrganisationsTab() {
  const { data, error, refetch } = useQuery(organisationQueries.list())
  const [asked, setAsked] = useState<Asked>()
  const client = useQueryClient()
  const onClose = () => {
    setAsked(undefined)
    void client.invalidateQueries({ queryKey: ['organisations'] })
  }
  const { columns } = words
  const create = (
    <GuardedButton isSmall permission="tenant.write" onClick={() => setAsked({ act: 'create' })}>
      {words.create}
    </GuardedButton>
  )
  return (
    <div className="overflow-y-auto">
      <Card title={words.title} aside={create} isFlush>
        <p className="border-b border-line px-4 py-2 text-xs text-soft">{words.lead}</p>
        {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
        {data?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
        {data && data.length > 0 && (
          <PlainTable
            label={words.title}
            headers={[columns.name, columns.status, columns.devices, columns.storage, columns.requests, columns.acts]}
            rows={data.map((tenant) => ({ key: tenant.id, cells: cellsOf(tenant, setAsked) }))}
          />
        )}
      </Card>
      {asked && <AskedDialog asked={asked} onClose={onClose} />}
    </div>
  )
}

const TONES = { active: 'good', disabled: 'warn', removing: 'bad' } as const

/** What can be done with it now. */
function actsOf({ status, hasOwner }: Tenant): Act[] {
  if (status === 'removing') return []
  return status === 'disabled' ? ['enable', 'remove'] : [...(hasOwner ? [] : ['invite' as const]), 'quota', 'disable']
}

function cellsOf(tenant: Tenant, ask: (asked: Asked) => void) {
  const { name, status, disabled, hasOwner } = tenant
  const used = wordsOfUse(tenant)
  return [
    name,
    <span key="status" className="inline-flex flex-col gap-0.5 py-2">
      <Badge tone={TONES[status]} isPlain>
        {words.statuses[status]}
      </Badge>
      {disabled && <span className="max-w-60 text-xs text-soft wrap-anywhere">{disabled.reason}</span>}
      {!hasOwner && status !== 'removing' && <span className="text-xs text-soft">{words.noOwner}</span>}
    </span>,
    used.devices,
    used.storage,
    used.requests,
    <span key="acts" className="inline-flex gap-1.5">
      {actsOf(tenant).map((act) => (
        <GuardedButton
          key={act}
          isSmall
          {...((act === 'disable' || act === 'remove') && { look: 'danger' as const })}
          permission="tenant.write"
          aria-label={words[`${act}Label`](name)}
          onClick={() => ask({ act, tenant })}
        >
          {words[act]}
        </GuardedButton>
      ))}
    </span>,
  ]
}

function AskedDialog({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  if (asked.act === 'create') return <OwnerDialog onClose={onClose} />
  const { act, tenant } = asked
  if (act === 'invite') return <OwnerDialog tenant={tenant} onClose={onClose} />
  if (act === 'quota') return <QuotaDialog tenant={tenant} onClose={onClose} />
  return <LifeQuestion act={act} tenant={tenant} onClose={onClose} />
}

const DONE = { disable: 'disabled', enable: 'enabled', remove: 'removed' } as const

type QuestionProps = { act: keyof typeof DONE; tenant: Tenant; onClose: () => void }

const LifeQuestion = ({ act, tenant: { name }, onClose }: QuestionProps) => (
  <Confirmation
    title={words[`${act}Title`](name)}
    lead={words[`${act}Lead`]}
    verb={words[act]}
    isDanger={act !== 'enable'}
    needsReason
    {...(act === 'remove' && { typedName: name })}
    run={(reason) => {
      const wish = { organisation: name, reason }
      if (act === 'remove') return hub.organisation.remove({ ...wish, confirm: name })
      return act === 'disable' ? hub.organisation.disable(wish) : hub.organisation.enable(wish)
    }}
    done={words[DONE[act]](name)}
    onClose={onClose}
  />
)

/** Source: its definition, its state on each of its devices, and its tags. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useRefusal } from '../../hub/permission.ts'
import { sourcesTexts as words } from './english-sources.ts'
import { EquipmentCard } from './equipment/equipment-card.tsx'
import { SourceDevices } from './source-devices.tsx'
import { ProtocolMark } from './source-marks.tsx'
import { sourceQueries } from './source-queries.ts'
import { SourceTags } from './source-tags.tsx'

const back = { to: '/sources', text: words.back } as const

/** Renders the page at /sources/ID. */
export function SourcePage() {
  const { source: id } = useParams({ from: '/inside/sources/$source' })
  const refusal = useRefusal('connection.read', 'source.get')
  const { data, error, refetch } = useQuery({ ...sourceQueries.one(id), enabled: refusal === undefined })
  if (!data)
    return (
      <Page title={words.title} back={back}>
        {refusal !== undefined && <Hidden reason={refusal} />}
        {refusal === undefined && <WaitingCard error={error} retry={refetch} />}
      </Page>
    )
  const { connection, spec } = data
  const { name, scope, protocol, tags = 0, version, updatedAtMs, updatedBy } = connection
  return (
    <Page
      title={name}
      back={back}
      lead={
        <>
          <ProtocolMark protocol={protocol} mark={words.unprovenWhole} />
          <span aria-hidden>·</span>
          <span>{words.scope(scope)}</span>
          <span aria-hidden>·</span>
          <span>{words.tagsText(tags)}</span>
          <span aria-hidden>·</span>
          <span>
            {words.version(version)}, <Instant ms={updatedAtMs} /> {words.by(updatedBy)}
          </span>
          <span aria-hidden>·</span>
          <Link to="/monitors" search={{ q: name }} className="text-accent hover:underline">
            {words.toMonitors}
          </Link>
          <span aria-hidden>·</span>
          <Link to="/flows/upload" search={{ source: connection.id }} className="text-accent hover:underline">
            {words.toAlarm}
          </Link>
        </>
      }
      actions={<Actions connection={connection} spec={spec} />}
    >
      <SourceDevices connection={connection} spec={spec} />
      <EquipmentCard scope={scope} sound={spec} known={connection} />
      <SourceTags name={name} spec={spec} />
    </Page>
  )
}

type SourceProps = { connection: Connection; spec: ConnectionSpec }

function Actions({ connection, spec }: SourceProps) {
  const { id, name, scope } = connection
  const [asked, setAsked] = useState<Connection>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { data: plan } = useQuery(sourceQueries.plan({ name, scope, spec }))
  const remove = async (ifMatch: ReturnType<typeof connectionTag>) => {
    await hub.source.remove({ connection: id }, { context: { ifMatch } })
    // Leave first, because the page would fetch the removed source.
    await navigate({ to: '/sources' })
    await client.invalidateQueries({ queryKey: ['sources', 'list'] })
  }
  return (
    <>
      <GuardedButton
        permission="connection.write"
        onClick={() => void navigate({ to: '/sources/$source/edit', params: { source: id }, search: {} })}
      >
        {words.change}
      </GuardedButton>
      <GuardedButton permission="connection.write" look="danger" onClick={() => setAsked(connection)}>
        {words.remove}
      </GuardedButton>
      {asked && (
        <Confirmation
          title={words.removeTitle(name, words.scope(scope))}
          lead={words.removeLead(plan?.devices.count)}
          verb={words.remove}
          isDanger
          typedName={name}
          run={() => remove(connectionTag(asked))}
          done={words.removed(name)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

/** Sink: its definition and its devices, with the state, the pending values and the losses on each. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { stringify } from 'yaml'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { useRefusal } from '../../hub/permission.ts'
import { sinksTexts as words } from './english-sinks.ts'
import { SinkDevices } from './sink-devices.tsx'
import { sinkQueries } from './sink-queries.ts'
import { SinkTestCard } from './sink-test-card.tsx'

const back = { to: '/sinks', text: words.back } as const

/** Renders the page at /sinks/ID. */
export function SinkPage() {
  const { sink: id } = useParams({ from: '/inside/sinks/$sink' })
  const refusal = useRefusal('connection.read', 'sink.get')
  const { data, error, refetch } = useQuery({ ...sinkQueries.one(id), enabled: refusal === undefined })
  if (!data)
    return (
      <Page title={words.title} back={back}>
        {refusal !== undefined && <Hidden reason={refusal} />}
        {refusal === undefined && <WaitingCard error={error} retry={refetch} />}
      </Page>
    )
  const { connection, spec } = data
  const { name, scope, protocol, version, updatedAtMs, updatedBy } = connection
  return (
    <Page
      title={name}
      back={back}
      lead={
        <>
          <span className="font-mono text-xs">{protocol}</span>
          <span aria-hidden>·</span>
          <span>{words.scope(scope)}</span>
          <span aria-hidden>·</span>
          <span>
            {words.version(version)}, <Instant ms={updatedAtMs} /> {words.by(updatedBy)}
          </span>
        </>
      }
      actions={<Actions connection={connection} spec={spec} />}
    >
      <SinkDevices connection={connection} spec={spec} />
      <SinkTestCard scope={scope} sound={spec} />
      <Card title={words.said}>
        <Scrollable as="pre" aria-label={words.said} className="max-h-96 overflow-auto font-mono text-xs">
          {stringify(spec)}
        </Scrollable>
      </Card>
    </Page>
  )
}

function Actions({ connection, spec }: { connection: Connection; spec: ConnectionSpec }) {
  const { id, name, scope } = connection
  const [asked, setAsked] = useState<Connection>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { data: plan } = useQuery(sinkQueries.plan({ name, scope, spec }))
  const remove = async (ifMatch: ReturnType<typeof connectionTag>) => {
    await hub.sink.remove({ connection: id }, { context: { ifMatch } })
    // Leave first, because the page would fetch the removed sink.
    await navigate({ to: '/sinks' })
    await client.invalidateQueries({ queryKey: ['sources', 'sinks', 'list'] })
  }
  return (
    <>
      <GuardedButton
        permission="connection.write"
        onClick={() => void navigate({ to: '/sinks/$sink/edit', params: { sink: id } })}
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

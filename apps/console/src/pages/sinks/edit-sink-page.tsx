/**
 * Edit sink: the definition of a sink, written or taken from a file. The page checks it line by line, and shows the
 * effect of saving it.
 */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../components/card.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { ConnectionEditor } from '../sources/connection-editor.tsx'
import { sinksTexts } from './english-sinks.ts'
import { sinkQueries } from './sink-queries.ts'
import { SinkTestCard } from './sink-test-card.tsx'
import { readSinkText } from './sink-text.ts'

const words = sinksTexts.edit
const back = { to: '/sinks', text: sinksTexts.back } as const
const SAYS = {
  blank: words.blank,
  sound: ({ name, protocol }: ConnectionSpec) => words.sound(name, String(protocol)),
}

/** Renders the page at /sinks/new. */
export function NewSinkPage() {
  const refusal = useRefusal('connection.read', 'sink.plan')
  const { device } = useSearch({ from: '/inside/sinks/new' })
  return refusal === undefined ? <Editor device={device} /> : <Refused reason={refusal} />
}

/** Renders the page at /sinks/ID/edit. */
export function EditSinkPage() {
  const { sink } = useParams({ from: '/inside/sinks/$sink/edit' })
  const refusal = useRefusal('connection.read', 'sink.get')
  const { data, error, refetch } = useQuery({ ...sinkQueries.one(sink), enabled: refusal === undefined })
  // The state at the start of the edit. The hub detects later changes of others when the sink is saved.
  const [first, setFirst] = useState(data)
  if (!first && data) setFirst(data)
  if (first) return <Editor known={first.connection} spec={first.spec} />
  if (refusal !== undefined) return <Refused reason={refusal} />
  return (
    <Page title={sinksTexts.title} back={back}>
      <WaitingCard error={error} retry={refetch} />
    </Page>
  )
}

const Refused = ({ reason }: { reason: string }) => (
  <Page title={sinksTexts.title} back={back}>
    <Hidden reason={reason} />
  </Page>
)

type EditorProps = { known?: Connection; spec?: ConnectionSpec; device?: string | undefined }

const Editor = ({ known, spec, device }: EditorProps) => (
  <ConnectionEditor
    kind="sink"
    words={words}
    back={back}
    known={known}
    spec={spec}
    device={device}
    read={readSinkText}
    says={SAYS}
    underText={<p className="text-xs text-soft">{words.secrets}</p>}
    aside={known && <p className="text-sm text-soft">{words.queues}</p>}
    below={({ scope, sound }) => <SinkTestCard scope={scope} sound={sound} />}
  />
)

/** Edit sink: what a sink says, written or taken from a file, checked line by line, with what saving it would do. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { ConnectionEditor } from '../sources/connection-editor.tsx'
import { sinksTexts } from './english-sinks.ts'
import { sinkQueries } from './sink-queries.ts'
import { readSinkText } from './sink-text.ts'

const words = sinksTexts.edit
const back = { to: '/sinks', text: sinksTexts.back } as const
const SAYS = {
  blank: words.blank,
  sound: ({ name, protocol }: ConnectionSpec) => words.sound(name, String(protocol)),
}

/** The page at /sinks/new. */
export function NewSinkPage() {
  const refusal = useRefusal('connection.read', 'sink.plan')
  return refusal === undefined ? <Editor /> : <Refused reason={refusal} />
}

/** The page at /sinks/ID/edit. */
export function EditSinkPage() {
  const { sink } = useParams({ from: '/inside/sinks/$sink/edit' })
  const refusal = useRefusal('connection.read', 'sink.get')
  const { data, error, refetch } = useQuery({ ...sinkQueries.one(sink), enabled: refusal === undefined })
  // What it was when somebody began: what others do meanwhile is found when it is saved.
  const [first, setFirst] = useState(data)
  if (!first && data) setFirst(data)
  if (first) return <Editor known={first.connection} spec={first.spec} />
  if (refusal !== undefined) return <Refused reason={refusal} />
  return (
    <Page title={sinksTexts.title} back={back}>
      <Card>{error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={8} />}</Card>
    </Page>
  )
}

const Refused = ({ reason }: { reason: string }) => (
  <Page title={sinksTexts.title} back={back}>
    <Hidden reason={reason} />
  </Page>
)

type EditorProps = { known?: Connection; spec?: ConnectionSpec }

const Editor = ({ known, spec }: EditorProps) => (
  <ConnectionEditor
    {...{ kind: 'sink', words, back, known, spec, read: readSinkText, says: SAYS }}
    underText={<p className="text-xs text-soft">{words.secrets}</p>}
    aside={known && <p className="text-sm text-soft">{words.queues}</p>}
  />
)
